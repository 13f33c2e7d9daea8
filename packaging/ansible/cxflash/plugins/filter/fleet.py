# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role's tasks have registered, in a form that decisions are made by."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

from ansible.errors import AnsibleFilterError

from ansible_collections.cxflash.cxflash.plugins.module_utils.cxflashctl import numbers


def outcome(result):
    """How the task ended for one card."""
    if result.get('unreachable'):
        word = 'lost'
    elif result.get('failed'):
        word = 'failed'
    elif result.get('skipped_because') or result.get('skipped'):
        word = 'left alone'
    elif result.get('changed'):
        word = 'done'
    else:
        word = 'current'
    card = result.get('item') or {}
    return dict(card=card.get('card', result.get('card')), outcome=word, exit_status=result.get('exit_status'),
                restart_needed=bool(result.get('restart_needed')), before=result.get('before'), after=result.get('after'),
                message=result.get('msg') or result.get('skipped_because'))


def outcomes(registered, planned=False):
    """A loop of cxflash_firmware over cards -> one outcome for each. If the loop itself failed, that is the only one."""
    ends = registered.get('results', [registered] if registered.get('failed') else [])
    return [dict(outcome(r), planned=planned) for r in ends]


def unexpected(hosts, left, exits):
    """
    Of the variables of hosts, lines on what stops the rollout: cards that failed or were lost in the write or after it, but
    for the exit statuses that were said to be no reason; and hosts that are not among those that are left.
    """
    lines = []
    for host in hosts:
        name = host['inventory_hostname']
        if 'cxflash_plans' not in host:
            continue  # it was lost before there was anything to burn, and the report says so
        if name not in left:
            lines.append('%s: failed or lost after the burn' % name)
        for o in host['cxflash_outcomes']:
            tolerated = o['outcome'] == 'failed' and o['exit_status'] in exits
            if o['outcome'] in ('failed', 'lost') and not o['planned'] and not tolerated:
                lines.append('%s %s: %s: %s' % (name, o['card'] or 'cards', o['outcome'], o['message']))
    return lines


def verified(all_outcomes, cards, rebooted):
    """The outcomes, held against what was found after them."""
    found = dict((card['card'], card) for card in cards)
    return [verify(dict(o), found.get(o['card'], {}), rebooted) if o['outcome'] == 'done' else o for o in all_outcomes]


def verify(o, card, rebooted):
    wanted = numbers((o['after'] or {}).get('version'))
    if card.get('error') or numbers(card.get('in_flash')) not in (wanted, None):
        o.update(outcome='failed', message='%s after the burn: %s'
                 % (o['card'], card.get('error') or 'the flash holds %s' % card.get('in_flash')))
    elif numbers(card.get('running')) == wanted:
        o['restart_needed'] = False
    elif rebooted and card.get('running'):
        o['message'] = '%s runs %s after the reboot: switch the machine off and on' % (o['card'], card['running'])
    return o


def in_window(time, window):
    """Is HH:MM within "22:00-05:00"?"""
    try:
        begin, end = [tuple(int(n) for n in side.split(':')) for side in window.split('-')]
        now = tuple(int(n) for n in time.split(':'))
    except ValueError:
        raise AnsibleFilterError('%s: a window is written as 22:00-05:00' % window)
    if len(begin) != 2 or len(end) != 2:
        raise AnsibleFilterError('%s: a window is written as 22:00-05:00' % window)
    return begin <= now < end if begin <= end else now >= begin or now < end


class FilterModule(object):

    def filters(self):
        return dict(outcomes=outcomes, unexpected=unexpected, verified=verified, in_window=in_window)
