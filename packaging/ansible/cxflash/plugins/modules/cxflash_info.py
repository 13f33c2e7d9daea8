#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
module: cxflash_info
short_description: What the ConnectX-2 and ConnectX-3 cards of a host are
version_added: 1.0.0
description:
  - Chip, board, PSID, firmware in the flash and running, identity, expansion ROMs and state of each card, as
    C(cxflashctl list) and C(cxflashctl query) tell them.
  - Of a card that another driver holds, only what its driver tells is known; C(in_flash) is then null.
  - Never changes anything. A host without such a card has an empty list of cards, which is no failure.
options:
  cards:
    description:
      - These cards only, by PCI address or C(file:PATH). Every card of the host by default.
    type: list
    elements: str
  quick:
    description:
      - A glance at headers and identity, some hundred register accesses. Without it all of a flash is read and verified.
    type: bool
    default: true
  facts:
    description:
      - The result becomes a fact of the host too, C(ansible_facts.cxflash).
    type: bool
    default: false
extends_documentation_fragment:
  - cxflash.cxflash.cxflashctl
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
  diff_mode:
    description: Tells what would differ.
    support: none
seealso:
  - module: cxflash.cxflash.cxflash_firmware
  - module: cxflash.cxflash.cxflash_check
'''

EXAMPLES = r'''
- name: Look at every card
  cxflash.cxflash.cxflash_info:
  register: cxflash

- name: Fail where the chip does not run what is in its flash
  ansible.builtin.assert:
    that: cxflash.cards | selectattr('restart_needed', 'equalto', true) | length == 0

- name: Read and verify the flash of one card
  cxflash.cxflash.cxflash_info:
    cards: ['0000:04:00.0']
    quick: false
'''

RETURN = r'''
cards:
  description: The cards of the host.
  returned: success
  type: list
  elements: dict
  contains:
    card:
      description: PCI address, or C(file:PATH).
      type: str
      returned: always
    chip:
      description: The chip.
      type: str
      returned: always
    device_id:
      description: PCI device id.
      type: int
      returned: when known
    psid:
      description: PSID of the board; empty if unknown.
      type: str
      returned: always
    board:
      description: What the table of boards knows of this PSID; null if nothing.
      type: dict
      returned: always
    in_flash:
      description: Version of the firmware in the flash; null if the flash is out of reach.
      type: str
      returned: always
    running:
      description: Version of the firmware that runs; null if unknown.
      type: str
      returned: always
    restart_needed:
      description: Whether another firmware runs than is in the flash; null if one of the two is unknown.
      type: bool
      returned: always
    driver:
      description: Driver that holds the card; empty if none does.
      type: str
      returned: always
    state:
      description: As in C(cxflashctl list), for example C(in use), C(free), C(flash recovery); C(file) for a file.
      type: str
      returned: always
    interfaces:
      description: Network interfaces and RDMA devices.
      type: str
      returned: always
    guids:
      description: GUIDs C(node), C(port1), C(port2), C(sys_image); null if blank or out of reach.
      type: dict
      returned: always
    macs:
      description: MACs C(port1), C(port2); null if blank or out of reach.
      type: dict
      returned: always
    identity:
      description: Whose GUIDs and MACs these are; C(own), C(release) for those of a release's files, C(blank).
      type: str
      returned: when the flash was read
    vsd:
      description: Vendor specific data.
      type: str
      returned: when there is some
    vpd:
      description: Vital product data, by keyword.
      type: dict
      returned: when the tool tells it
    roms:
      description: Expansion ROMs.
      type: list
      elements: dict
      returned: always
    slots:
      description: The images in the flash, and which one boots.
      type: list
      elements: dict
      returned: always
    error:
      description: Why a card could not be looked into, in the tool's words.
      type: str
      returned: when it could not
    notes:
      description: What the tool remarks.
      type: list
      elements: str
      returned: always
version:
  description: Version of the tool.
  returned: success
  type: str
  sample: 0.1.0
ansible_facts:
  description: Cards and version once more, as C(cxflash).
  returned: with I(facts=true)
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cxflash.cxflash.plugins.module_utils.cxflashctl import (
    ABSENT, TOOL_ARGS, Tool, device, numbers, run_module)

EMPTY = dict(chip='', psid='', driver='', state='', interfaces='', board=None, guids=None, macs=None,
             roms=[], slots=[], notes=[], in_flash=None, running=None)
PASSED_ON = ('device_id', 'vsd', 'vpd', 'identity', 'chip', 'psid', 'board', 'guids', 'macs', 'roms', 'slots', 'notes', 'driver',
             'interfaces')


def list_cards(tool):
    answer = tool.run('list')
    if answer.status == ABSENT:
        return []
    if answer.status:
        tool.fail(answer)
    return answer.result['cards']


def describe(tool, row, quick):
    """A row of list and the answer of query, as one."""
    card = dict(EMPTY, card=row['card'], state=row.get('state', ''))
    for key in ('chip', 'device_id', 'psid', 'driver', 'interfaces'):
        if row.get(key):
            card[key] = row[key]
    answer = tool.run('query', *(['--quick'] if quick else []) + device(row['card']))
    if answer.status:
        card['error'] = answer.error
        card['running'] = row.get('fw_version') or None
        return card
    for key in PASSED_ON:
        if key in answer.result:
            card[key] = answer.result[key]
    card['in_flash'] = answer.result.get('fw_version')
    # The driver says what runs; a card without one is asked itself.
    running = answer.result.get('fw_version_running')
    card['running'] = running if numbers(running) else None
    return card


def compare(card):
    known = numbers(card['in_flash']), numbers(card['running'])
    card['restart_needed'] = known[0] != known[1] if all(known) else None
    return card


def look(module):
    tool = Tool(module)
    wanted = module.params['cards']
    if wanted is None:
        rows = list_cards(tool)
    else:
        known = {}
        if any(not c.startswith('file:') for c in wanted):
            known = dict((row['card'], row) for row in list_cards(tool))
        rows = [known.get(c) or known.get('0000:' + c) or dict(card=c, state='file' if c.startswith('file:') else '')
                for c in wanted]
    found = dict(version=tool.version(), cards=[compare(describe(tool, row, module.params['quick'])) for row in rows])
    if module.params['facts']:
        found['ansible_facts'] = dict(cxflash=dict(found))
    return dict(found, changed=False)


def main():
    module = AnsibleModule(
        argument_spec=dict(TOOL_ARGS, cards=dict(type='list', elements='str'), quick=dict(type='bool', default=True),
                           facts=dict(type='bool', default=False)),
        supports_check_mode=True)
    run_module(module, lambda: look(module))


if __name__ == '__main__':
    main()
