#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
module: cxflash_check
short_description: Whether a host is ready for RDMA over its ConnectX-2 or ConnectX-3 card
version_added: 1.0.0
description:
  - Layer by layer from the card up, as C(cxflashctl check) tells it; what was seen, what it means and what to run.
  - Never starts, loads or writes anything.
options:
  services:
    description:
      - What is wanted over RDMA. By default what the host serves or has mounted.
    type: list
    elements: str
    choices: [nfs, smb-client, smb-server, iser, srp, nvme, all]
  require_ready:
    description:
      - A host that is not ready is a failure of the task.
    type: bool
    default: false
  missing_card:
    description:
      - What a host without such a card is, a failure or left alone.
    type: str
    choices: [fail, skip]
    default: fail
  sysroot:
    description:
      - Look at a tree of files of another machine instead of this one.
    type: path
extends_documentation_fragment:
  - cxflash.cxflash.cxflashctl
  - cxflash.cxflash.cxflashctl.card
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
  diff_mode:
    description: Tells what would differ.
    support: none
'''

EXAMPLES = r'''
- name: Is NFS over RDMA possible here
  cxflash.cxflash.cxflash_check:
    services: [nfs]
  register: rdma

- name: What to do first
  ansible.builtin.debug:
    var: rdma.first
  when: not rdma.ready
'''

RETURN = r'''
ready:
  description: Whether the host is ready.
  returned: success
  type: bool
verdict:
  description: C(ready), C(not-ready) or C(cannot-tell); C(no-card) with I(missing_card=skip).
  returned: success
  type: str
first:
  description: What to do first; null if there is nothing.
  returned: success
  type: str
card:
  description: PCI address of the card.
  returned: when there is one
  type: str
services:
  description: What was asked for, or found.
  returned: when there is a card
  type: list
  elements: str
kernel:
  description: Release of the kernel.
  returned: when there is a card
  type: str
layers:
  description: Every layer that was looked at.
  returned: success
  type: list
  elements: dict
  contains:
    layer:
      description: The layer.
      type: str
      returned: always
    port:
      description: Port of the card.
      type: int
      returned: where it is about one
    state:
      description: C(pass), C(warn), C(fail) or C(skip).
      type: str
      returned: always
    rule:
      description: Name of the rule that says so.
      type: str
      returned: always
    value:
      description: What was read; null if it could not be.
      type: str
      returned: always
    source:
      description: Where it was read.
      type: str
      returned: always
    seen:
      description: What it means, in a line.
      type: str
      returned: always
    next:
      description: What to run; null if nothing.
      type: str
      returned: always
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cxflash.cxflash.plugins.module_utils.cxflashctl import (
    ABSENT, CARD_ARGS, DONE, FAILED, Stop, Tool, device, run_module)

SERVICES = ['nfs', 'smb-client', 'smb-server', 'iser', 'srp', 'nvme', 'all']


def check(module):
    p = module.params
    tool = Tool(module)
    words = ['--for', ','.join(p['services'])] if p['services'] else []
    if p['sysroot']:
        words += ['--sysroot', p['sysroot']]
    answer = tool.run('check', *words + device(p['card']))
    if answer.status == ABSENT and p['missing_card'] == 'skip':
        return dict(changed=False, ready=False, verdict='no-card', first=answer.error, layers=[])
    if answer.status not in (DONE, FAILED) or 'verdict' not in answer.result:
        tool.fail(answer)
    said = answer.result
    result = dict(changed=False, ready=answer.status == DONE, verdict=said['verdict'], first=said['first'],
                  card=said['card'], kernel=said['kernel'], layers=said['layers'],
                  services=[s for s in said['for'].replace(',', ' ').split()])
    if p['require_ready'] and not result['ready']:
        raise Stop(True, msg='%s is %s: %s' % (said['card'], said['verdict'], said['first'] or 'see its layers'), **result)
    return result


def main():
    module = AnsibleModule(
        argument_spec=dict(
            CARD_ARGS,
            services=dict(type='list', elements='str', choices=SERVICES),
            require_ready=dict(type='bool', default=False),
            missing_card=dict(type='str', choices=['fail', 'skip'], default='fail'),
            sysroot=dict(type='path')),
        supports_check_mode=True)
    run_module(module, lambda: check(module))


if __name__ == '__main__':
    main()
