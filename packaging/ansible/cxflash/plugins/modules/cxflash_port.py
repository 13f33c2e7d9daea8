#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
module: cxflash_port
short_description: InfiniBand or Ethernet, on the ports of a ConnectX-2 or ConnectX-3 card
version_added: 1.0.0
description:
  - Sets port types with C(cxflashctl port set), now and, with I(persistent), after a reboot.
  - What would cut a connection is refused, as both ports fall when one is changed.
options:
  ports:
    description:
      - Port number to type, one of C(ib), C(eth) and C(auto).
    type: dict
    required: true
  persistent:
    description:
      - Also after a reboot, by a udev rule of this card.
    type: bool
    default: false
  force:
    description:
      - Although the card is in use.
    type: bool
    default: false
  sysroot:
    description:
      - Look at and write into a tree of files of another machine instead of this one.
    type: path
extends_documentation_fragment:
  - cxflash.cxflash.cxflashctl
  - cxflash.cxflash.cxflashctl.card
attributes:
  check_mode:
    description: Can run in check mode; the tool's dry run predicts.
    support: full
  diff_mode:
    description: Tells what would differ.
    support: full
'''

EXAMPLES = r'''
- name: Both ports are Ethernet, also after a reboot
  cxflash.cxflash.cxflash_port:
    card: '0000:04:00.0'
    ports:
      1: eth
      2: eth
    persistent: true
'''

RETURN = r'''
card:
  description: PCI address of the card.
  returned: success
  type: str
exit_status:
  description: Exit status of the tool; 2 is nothing to do.
  returned: success
  type: int
before:
  description: The ports before, each with C(port), C(type), C(wished) and what C(cxflashctl port show) tells else.
  returned: success
  type: list
  elements: dict
after:
  description: The ports after; those before in check mode.
  returned: success
  type: list
  elements: dict
notes:
  description: What the tool remarks, for example a command that the initramfs still needs.
  returned: success
  type: list
  elements: str
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cxflash.cxflash.plugins.module_utils.cxflashctl import (
    CARD_ARGS, DONE, NOTHING, Stop, Tool, device, lines, run_module)


def wishes(ports):
    for port in sorted(ports, key=str):
        if str(port) not in ('1', '2') or ports[port] not in ('ib', 'eth', 'auto'):
            raise Stop(True, msg='ports: %s: %s: port 1 or 2, and ib, eth or auto expected' % (port, ports[port]))
        yield '%s=%s' % (port, ports[port])


def text(ports, wanted):
    """The types of the ports, for a diff; those that are wanted in place of those there are."""
    types = dict(('port%s' % p['port'], p['wished']) for p in ports)
    types.update(('port%s' % port, wanted[port]) for port in wanted)
    return lines(**types)


def work(module):
    p = module.params
    tool = Tool(module)
    words = list(wishes(p['ports'])) + device(p['card'])
    if p['persistent']:
        words.append('--persistent')
    if p['force']:
        words.append('--force')
    if module.check_mode:
        words.append('--dry-run')
    if p['sysroot']:
        words += ['--sysroot', p['sysroot']]
    answer = tool.run('port', 'set', *words)
    if answer.status not in (DONE, NOTHING):
        tool.fail(answer)
    changed = answer.status == DONE
    before = answer.result['before']
    result = dict(changed=changed, exit_status=answer.status, card=answer.result['card'], before=before,
                  after=answer.result.get('ports', before), notes=answer.result.get('notes', []))
    if module._diff:
        result['diff'] = dict(before=text(before, {}), before_header=result['card'], after_header=result['card'],
                              after=text(before, p['ports'] if changed else {}))
    return result


def main():
    module = AnsibleModule(
        argument_spec=dict(CARD_ARGS, ports=dict(type='dict', required=True),
                           persistent=dict(type='bool', default=False), force=dict(type='bool', default=False),
                           sysroot=dict(type='path')),
        supports_check_mode=True)
    run_module(module, lambda: work(module))


if __name__ == '__main__':
    main()
