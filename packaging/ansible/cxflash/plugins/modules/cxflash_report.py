#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
module: cxflash_report
short_description: One page on the ConnectX-2 and ConnectX-3 cards of many hosts
version_added: 1.0.0
description:
  - Writes C(report.html), which needs neither a server nor a network, C(report.json) and C(report.csv) on the controller.
  - A row for each card, with what is out of date, runs other firmware than its flash holds, shares GUIDs or MACs with
    another card or has those of a release's files, has an unknown board, is not ready, or was in work when it was lost.
  - It is made of what the tasks before have registered as C(cxflash_found) (M(cxflash.cxflash.cxflash_info)) and
    C(cxflash_checked) (M(cxflash.cxflash.cxflash_check)), and of the records of
    M(cxflash.cxflash.cxflash_firmware). Of a host that did not answer, it shows what the last report in I(dest) knew.
options:
  dest:
    description:
      - Folder on the controller.
    type: path
    required: true
  hosts:
    description:
      - The hosts that the report is about.
    type: list
    elements: str
    required: true
  policy:
    description:
      - The policy file, which says what is out of date.
    type: path
  records:
    description:
      - Folder of the records.
    type: path
author:
  - the cxflash authors (!UNKNOWN)
attributes:
  check_mode:
    description: The report is written in check mode too.
    support: full
  diff_mode:
    description: Tells what would differ.
    support: none
'''

EXAMPLES = r'''
- name: One page on all of them
  cxflash.cxflash.cxflash_report:
    dest: report
    policy: policy.yml
    records: cxflash-records
    hosts: "{{ ansible_play_hosts_all }}"
  run_once: true
'''

RETURN = r'''
files:
  description: The files that were written, by kind.
  returned: success
  type: dict
counts:
  description: How many cards have each problem.
  returned: success
  type: dict
duplicates:
  description: Numbers that more than one card has, with their owners.
  returned: success
  type: list
  elements: dict
absent:
  description: Hosts that did not answer.
  returned: success
  type: list
  elements: str
without_card:
  description: Hosts without such a card.
  returned: success
  type: list
  elements: str
'''

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec=dict(
            dest=dict(type='path', required=True),
            hosts=dict(type='list', elements='str', required=True),
            policy=dict(type='path'),
            records=dict(type='path')),
        supports_check_mode=True)
    module.fail_json(msg='this module is driven by the action plugin of its collection, which was not used')


if __name__ == '__main__':
    main()
