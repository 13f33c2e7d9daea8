#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
module: cxflash_policy
short_description: Check a policy file and every image on it
version_added: 1.0.0
description:
  - Runs on the controller, before any host is touched.
  - Each image has the checksum, version, PSID and chip that the policy states, and C(cxflashctl verify) finds it sound.
  - All that is wrong is told at once.
options:
  policy:
    description:
      - The policy file. Paths in it are relative to its folder.
    type: path
    required: true
extends_documentation_fragment:
  - cxflash.cxflash.cxflashctl
requirements:
  - PyYAML
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
  diff_mode:
    description: Tells what would differ.
    support: none
'''

EXAMPLES = r'''
- name: Look at every image before any host is touched
  cxflash.cxflash.cxflash_policy:
    policy: policy.yml
  delegate_to: localhost
  run_once: true
'''

RETURN = r'''
images:
  description: The images, by PSID.
  returned: success
  type: dict
  sample:
    MT_1090120019:
      chip: ConnectX-3
      file: fw-ConnectX3-rel-2_42_5000.bin
      how: beside
      path: /srv/firmware/fw-ConnectX3-rel-2_42_5000.bin
      psid: MT_1090120019
      rom: keep
      version: 2.42.5000
problems:
  description: Everything that is wrong.
  returned: failure
  type: list
  elements: str
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cxflash.cxflash.plugins.module_utils import policy
from ansible_collections.cxflash.cxflash.plugins.module_utils.cxflashctl import (
    TOOL_ARGS, Stop, Tool, numbers, run_module)


def differs(entry, query):
    """What the policy says of an image, and the image says otherwise."""
    said = [('PSID', entry['psid'], query.get('psid')),
            ('version', numbers(entry['version']), numbers(query.get('fw_version'))),
            ('chip', entry['chip'], query.get('chip', '').split(',')[0])]
    for what, policy_says, image_says in said:
        if policy_says != image_says:
            yield '%s: %s: the policy says %s %s, the image %s' % (
                entry['psid'], entry['path'], what, entry.get(what.lower(), policy_says),
                query.get('fw_version') if what == 'version' else image_says)


def problems(tool, entry):
    try:
        policy.check_sum(entry)
    except policy.PolicyError as why:
        return [str(why)]
    for command in ('verify', 'query'):
        answer = tool.run(command, '-i', entry['path'])
        if answer.status:
            return ['%s: %s' % (entry['psid'], answer.error)]
    return list(differs(entry, answer.result))


def check(module):
    tool = Tool(module)
    path = module.params['policy']
    try:
        images = policy.load(path)
    except policy.PolicyError as why:
        raise Stop(True, msg=str(why), problems=[str(why)])
    found = [p for psid in sorted(images) for p in problems(tool, images[psid])]
    if found:
        raise Stop(True, msg='%s: %s' % (path, '; '.join(found)), problems=found)
    return dict(changed=False, images=images)


def main():
    module = AnsibleModule(argument_spec=dict(TOOL_ARGS, policy=dict(type='path', required=True)),
                           supports_check_mode=True)
    run_module(module, lambda: check(module))


if __name__ == '__main__':
    main()
