# -*- coding: utf-8 -*-
# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function
__metaclass__ = type


class ModuleDocFragment(object):

    DOCUMENTATION = r'''
requirements:
  - cxflashctl on the host
options:
  executable:
    description:
      - The tool; a name is looked for in C(PATH) and in the folders of system programs.
    type: str
    default: cxflashctl
notes:
  - Needs root, or C(CAP_NET_ADMIN) to read a flash and C(CAP_SYS_RAWIO) to write one.
author:
  - the cxflash authors (!UNKNOWN)
'''

    CARD = r'''
options:
  card:
    description:
      - The card, by its PCI address (C(0000:04:00.0) or C(04:00.0)).
      - C(file:PATH) is a raw flash in a file of the host, which stands in for a card in everything.
      - Without it, the only card of the host.
    type: str
'''
