# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many hosts told, as one table: a row for each card, and what only shows when all are seen at once."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import csv
import io
import json
import sys

from ansible_collections.cxflash.cxflash.plugins.module_utils.cxflashctl import numbers

COLUMNS = ['host', 'card', 'chip', 'psid', 'board', 'running', 'in_flash', 'wanted', 'verdict', 'restart_needed', 'identity',
           'state', 'ready', 'problems', 'last_change', 'backup', 'seen']

# What somebody has to look at, in the order in which it is told.
GRAVE = ['unreachable', 'in work', 'failed', 'unreadable', 'recovery', 'duplicate', 'placeholder', 'blank', 'outdated',
         'restart', 'unknown board', 'not on policy', 'not ready']


def verdict(card, wanted):
    """The firmware of a card against the policy; what is in the flash counts, else what runs."""
    have = numbers(card.get('in_flash')) or numbers(card.get('running'))
    if not wanted:
        return 'not on policy'
    if not have:
        return 'unknown'
    if have == numbers(wanted):
        return 'current'
    return 'outdated' if have < numbers(wanted) else 'newer'


def numbers_of(card):
    """Each GUID and MAC that a card has, once; those of a release's files are another matter."""
    if card.get('identity') == 'release':
        return set()
    found = set(('GUID', v) for v in (card.get('guids') or {}).values())
    return found | set(('MAC', v) for v in (card.get('macs') or {}).values())


def in_flash(card, record):
    """
    The version in the flash; where a driver keeps that from sight, the one that was burnt last. A card that runs neither
    that nor what was there before was changed by somebody else since.
    """
    if card.get('in_flash') or not record or record['state'] != 'done':
        return card.get('in_flash')
    was, burnt = [(record.get(side) or {}).get('version') for side in ('before', 'after')]
    return burnt if numbers(card.get('running')) in [numbers(v) for v in (was, burnt) if v] else None


def duplicates(cards):
    """Numbers that more than one card has, with all of their owners."""
    owners = {}
    for host, card in cards:
        for number in numbers_of(card):
            owners.setdefault(number, []).append('%s %s' % (host, card['card']))
    shared = dict((number, sorted(who)) for number, who in owners.items() if len(who) > 1)
    return [dict(kind=kind, number=number, owners=shared[kind, number]) for kind, number in sorted(shared)]


def board_name(card):
    board = card.get('board')
    return '%s %s' % (board['vendor'], board['name']) if board else ''


def readiness(checks):
    """Service -> verdict, from the answers of cxflash_check."""
    ready = {}
    for check in checks:
        for service in check.get('services') or ['rdma']:
            ready[service] = check.get('verdict')
    return ready


def problems(card, row, record, doubled, outcome):
    ended = (outcome or {}).get('outcome')
    found = dict(failed=['failed'], lost=['unreachable', 'in work']).get(ended, [])
    if ended != 'lost' and record and record['state'] in ('writing', 'lost', 'cut off'):
        found.append('in work')
    if card.get('error'):
        found.append('unreadable')
    if 'recovery' in (card.get('state') or ''):
        found.append('recovery')
    if numbers_of(card) & doubled:
        found.append('duplicate')
    if card.get('identity') in ('release', 'blank'):
        found.append('placeholder' if card['identity'] == 'release' else 'blank')
    if row['verdict'] in ('outdated', 'not on policy'):
        found.append(row['verdict'])
    if row['restart_needed']:
        found.append('restart')
    if card.get('psid') and not card.get('board'):
        found.append('unknown board')
    if any(v not in ('ready', 'no-card') for v in row['ready'].values()):
        found.append('not ready')
    return sorted(found, key=GRAVE.index)


def last_change(record):
    if not record:
        return None
    was, is_now = [(record.get(side) or {}).get('version') for side in ('before', 'after')]
    return dict(time=record['time'], state=record['state'], before=was, after=is_now, message=record.get('message'))


def row_of(host, data, card, policy, record, doubled, seen):
    wanted = policy.get(card.get('psid'), {}).get('version')
    outcome = dict((o['card'], o) for o in data.get('outcomes', [])).get(card['card'])
    row = dict((key, card.get(key)) for key in ('card', 'chip', 'psid', 'running', 'in_flash', 'restart_needed', 'identity',
                                                'state', 'driver', 'interfaces', 'guids', 'macs', 'vsd', 'roms', 'slots',
                                                'vpd', 'error', 'notes'))
    row['in_flash'] = in_flash(card, record)
    if row['restart_needed'] is None and row['in_flash'] and row['running']:
        row['restart_needed'] = numbers(row['in_flash']) != numbers(row['running'])
    row.update(host=host, board=board_name(card), wanted=wanted, verdict=verdict(row, wanted), seen=seen,
               newest_known=(card.get('board') or {}).get('newest_firmware'), ready=readiness(data.get('checks', [])),
               first=[c['first'] for c in data.get('checks', []) if c.get('first') and not c.get('ready')],
               last_change=last_change(record), backup=(record or {}).get('backup'),
               message=(outcome or {}).get('message'))
    row['problems'] = problems(card, row, record, doubled, outcome)
    return row


def absent_rows(host, old_rows, records):
    """A host that did not answer, as it was when it last did."""
    rows = [dict(row) for row in old_rows if row['host'] == host] or [dict(host=host, card='', ready={}, seen=None)]
    for row in rows:
        record = records.get((host, row['card']))
        pending = record and record['state'] in ('writing', 'lost', 'cut off')
        row.update(problems=['unreachable'] + (['in work'] if pending else []))
        if record:
            row.update(last_change=last_change(record), backup=record.get('backup'))
    if not any(row['card'] for row in rows):
        rows += [dict(host=host, card=card, ready={}, seen=None, problems=['unreachable', 'in work'],
                      last_change=last_change(record), backup=record.get('backup'))
                 for (name, card), record in sorted(records.items())
                 if name == host and record['state'] in ('writing', 'lost', 'cut off')]
    return rows


def build(hosts, policy, records, previous, time):
    """
    hosts: name -> dict(cards, checks, outcomes), or None for one that did not answer
    policy: PSID -> entry; records: (host, card) -> record; previous: the report before this one, or None
    """
    cards = [(host, card) for host in hosts if hosts[host] for card in hosts[host]['cards']]
    shared = duplicates(cards)
    doubled = set((d['kind'], d['number']) for d in shared)
    rows = []
    for host in sorted(hosts):
        if hosts[host] is None:
            rows += absent_rows(host, (previous or {}).get('cards', []), records)
            continue
        rows += [row_of(host, hosts[host], card, policy, records.get((host, card['card'])), doubled, time)
                 for card in hosts[host]['cards']]
    counts = dict((word, sum(word in row['problems'] for row in rows)) for word in GRAVE)
    return dict(
        time=time, hosts=len(hosts), cards=rows, duplicates=shared, counts=counts,
        absent=sorted(host for host in hosts if hosts[host] is None),
        without_card=sorted(host for host in hosts if hosts[host] is not None and not hosts[host]['cards']))


def cell(value):
    if value is None:
        return ''
    if isinstance(value, dict):
        if 'time' in value:
            return ' '.join(str(value[k]) for k in ('time', 'state', 'before', 'after') if value.get(k))
        return ' '.join('%s=%s' % (k, value[k]) for k in sorted(value))
    if isinstance(value, (list, tuple)):
        return '; '.join(str(v) for v in value)
    return str(value)


def to_csv(report):
    out = io.StringIO() if sys.version_info[0] > 2 else io.BytesIO()
    writer = csv.writer(out, lineterminator='\n')
    writer.writerow(COLUMNS)
    for row in report['cards']:
        # A spreadsheet takes what begins like a formula for one.
        writer.writerow([("'" + c) if c[:1] in ('=', '+', '-', '@') else c for c in (cell(row.get(k)) for k in COLUMNS)])
    return out.getvalue()


def to_json(report):
    return json.dumps(report, indent=1, sort_keys=True) + '\n'


def to_html(report, page):
    """The page with the report in it; nothing in the data can end the element it stands in."""
    data = json.dumps(report, sort_keys=True).replace('<', '\\u003c').replace(u'\u2028', '\\u2028')
    return page.replace('@REPORT@', data)
