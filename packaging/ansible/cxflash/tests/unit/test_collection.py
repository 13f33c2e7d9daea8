# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own logic: reading the tool, the policy, outcomes and the report."""

import csv
import io
import json
import unittest

from ansible.errors import AnsibleFilterError
from ansible_collections.cxflash.cxflash.plugins.filter import fleet
from ansible_collections.cxflash.cxflash.plugins.module_utils import cxflashctl, policy, report

SUM = 'a' * 64
GOOD = '''
format: 1
images:
  MT_1090120019:
    file: fw/a.bin
    sha256: %s
    version: 2.42.5000
    chip: ConnectX-3
''' % SUM


class Tool(unittest.TestCase):

    def test_progress_then_result(self):
        answer = cxflashctl.parse(2, '{"stage":"read"}\n{"a":1,"exit":2}\n', '')
        self.assertEqual((answer.status, answer.result['a']), (2, 1))

    def test_garbled(self):
        for status, out in ((0, 'Hello\n'), (0, '[1]\n'), (0, ''), (0, '{"stage":"read"}\n'), (1, '{"exit":0}\n')):
            with self.assertRaises(cxflashctl.Garbled):
                cxflashctl.parse(status, out, '')

    def test_usage_comes_without_json(self):
        self.assertEqual(cxflashctl.parse(64, '', 'cxflashctl: no').error, 'cxflashctl: no')

    def test_flags_of_refusals_only(self):
        verdict = [dict(verdict='refused', flag='--b'), dict(verdict='refused', flag='--a'), dict(verdict='allowed', flag='--c')]
        self.assertEqual(cxflashctl.Answer(6, dict(verdict=verdict), '').flags, ['--a', '--b'])

    def test_versions_are_numbers(self):
        self.assertEqual(cxflashctl.numbers('2.10.0720'), cxflashctl.numbers('2.10.720'))
        self.assertIsNone(cxflashctl.numbers('its driver does not tell'))


class Policy(unittest.TestCase):

    def refused(self, text, words):
        with self.assertRaisesRegex(policy.PolicyError, words):
            policy.parse(text, '/srv')

    def test_good(self):
        entry = policy.parse(GOOD, '/srv')['MT_1090120019']
        self.assertEqual((entry['path'], entry['how'], entry['rom']), ('/srv/fw/a.bin', 'beside', 'keep'))

    def test_wild(self):
        for psid in ('MT_*', 'MT_109012001?', '"[A-Z]*"', 'all', 'Default'):
            self.refused(GOOD.replace('MT_1090120019', psid if psid[0] == '"' else '"%s"' % psid), 'every card')

    def test_no_psid(self):
        for psid in ('"MT 1090120019"', 'MT_10901200190000000', '""', '17'):
            self.refused(GOOD.replace('MT_1090120019', psid), 'PSID|every card')

    def test_schema(self):
        self.refused(GOOD.replace('format: 1', 'format: 2'), 'format')
        self.refused(GOOD.replace('format: 1', ''), 'format')
        self.refused(GOOD + '    hwo: beside\n', 'hwo')
        self.refused(GOOD + '    how: sideways\n', 'how')
        self.refused(GOOD.replace('    chip: ConnectX-3\n', ''), 'chip')
        self.refused(GOOD.replace(SUM, SUM[1:]), '64')
        self.refused(GOOD.replace('2.42.5000', '2.42'), 'three numbers')
        self.refused('- 1', 'keys and values')
        self.refused('a: b: c', 'no YAML')

    def test_stated_twice(self):
        self.refused(GOOD + GOOD.split('images:\n')[1], 'line 9: MT_1090120019 is stated twice')

    def test_file_is_named(self):
        with self.assertRaisesRegex(policy.PolicyError, '/nowhere/policy.yml'):
            policy.load('/nowhere/policy.yml')


class Outcomes(unittest.TestCase):

    def test_words(self):
        registered = dict(results=[
            dict(item=dict(card='a'), unreachable=True, msg='gone'), dict(item=dict(card='b'), failed=True, exit_status=4),
            dict(item=dict(card='c'), changed=True), dict(item=dict(card='d'), skipped_because='why'), dict(item=dict(card='e'))])
        self.assertEqual([o['outcome'] for o in fleet.outcomes(registered)], ['lost', 'failed', 'done', 'left alone', 'current'])

    def test_a_loop_that_failed(self):
        ends = fleet.outcomes(dict(failed=True, msg='no'))
        self.assertEqual([(o['outcome'], o['message']) for o in ends], [('failed', 'no')])
        host = dict(inventory_hostname='a', cxflash_plans=[], cxflash_outcomes=ends)
        self.assertEqual(fleet.unexpected([host], 'a', []), ['a cards: failed: no'])
        self.assertEqual(fleet.outcomes(dict(skipped=True)), [])

    def test_unexpected(self):
        def host(name, word, planned=False, **more):
            return dict(inventory_hostname=name, cxflash_plans=[],
                        cxflash_outcomes=[dict(card='c', outcome=word, exit_status=4, planned=planned, message='m')])
        hosts = [host('a', 'failed'), host('b', 'lost'), host('c', 'done'), host('d', 'failed', True),
                 dict(inventory_hostname='e'), host('f', 'done')]
        self.assertEqual([line[:2] for line in fleet.unexpected(hosts, 'abcde', [])], ['a ', 'b ', 'f:'])
        self.assertEqual([line[:2] for line in fleet.unexpected(hosts, 'abcdef', [4])], ['b '])

    def test_verified(self):
        def after(card, rebooted=False):
            o = dict(card='c', outcome='done', after=dict(version='2.42.5000'), restart_needed=True, message=None)
            return fleet.verified([o], [dict(card, card='c')], rebooted)[0]
        self.assertEqual(after(dict(in_flash='2.40.5030'))['outcome'], 'failed')
        self.assertEqual(after(dict(error='bad'))['outcome'], 'failed')
        self.assertFalse(after(dict(in_flash='2.42.5000', running='2.42.5000'))['restart_needed'])
        self.assertIn('switch the machine off', after(dict(in_flash='2.42.5000', running='2.40.5030'), True)['message'])

    def test_window(self):
        self.assertTrue(fleet.in_window('23:30', '22:00-05:00'))
        self.assertTrue(fleet.in_window('04:59', '22:00-05:00'))
        self.assertFalse(fleet.in_window('05:00', '22:00-05:00'))
        self.assertTrue(fleet.in_window('02:00', '02:00-05:00'))
        for window in ('2-5', 'night', '02:00', '02:00-05'):
            with self.assertRaises(AnsibleFilterError):
                fleet.in_window('02:00', window)


def card(name, number, **more):
    guids = dict((k, '%016x' % (number + i)) for i, k in enumerate(('node', 'port1', 'port2', 'sys_image')))
    return dict(dict(card=name, psid='P', in_flash='2.40.5030', running=None, identity='own', guids=guids, state='file',
                     macs=dict(port1='%012x' % number, port2='%012x' % (number + 1)),
                     board=dict(vendor='V', name='B')), **more)


class Report(unittest.TestCase):

    def build(self, hosts, records=None, previous=None):
        data = dict((h, cards if cards is None else dict(cards=cards, checks=[], outcomes=[])) for h, cards in hosts.items())
        return report.build(data, dict(P=dict(version='2.42.5000')), records or {}, previous, 'now')

    def problems(self, made):
        return dict(((r['host'], r['card']), r['problems']) for r in made['cards'])

    def test_duplicates_tell_every_owner(self):
        made = self.build(dict(a=[card('x', 16)], b=[card('x', 16)], c=[card('x', 64)]))
        self.assertEqual([d['owners'] for d in made['duplicates']], [['a x', 'b x']] * 6)
        self.assertEqual(self.problems(made)['c', 'x'], ['outdated'])
        self.assertEqual(self.problems(made)['a', 'x'], ['duplicate', 'outdated'])

    def test_release_numbers_are_placeholders_not_duplicates(self):
        made = self.build(dict(a=[card('x', 16, identity='release')], b=[card('x', 16, identity='release')]))
        self.assertEqual((made['duplicates'], made['counts']['placeholder']), ([], 2))

    def test_verdicts(self):
        for have, word in (('2.42.5000', 'current'), ('2.43.0001', 'newer'), ('2.9.9999', 'outdated'), (None, 'unknown')):
            self.assertEqual(report.verdict(dict(in_flash=have), '2.42.5000'), word)
        self.assertEqual(report.verdict(dict(in_flash='1.1.1'), None), 'not on policy')

    def test_a_flash_that_its_driver_hides(self):
        record = dict(host='a', card='x', state='done', time='t', before=dict(version='2.40.5030'),
                      after=dict(version='2.42.5000'))
        for running, state, told in (('2.40.5030', 'done', ('2.42.5000', 'current', ['restart'])),
                                     ('2.42.5000', 'done', ('2.42.5000', 'current', [])),
                                     ('2.41.0001', 'done', (None, 'outdated', ['outdated'])),
                                     ('2.40.5030', 'failed', (None, 'outdated', ['outdated'])),
                                     (None, 'done', (None, 'unknown', []))):
            row = self.build(dict(a=[dict(card('x', 16), in_flash=None, running=running)]),
                             {('a', 'x'): dict(record, state=state)})['cards'][0]
            self.assertEqual((row['in_flash'], row['verdict'], row['problems']), told)

    def test_absent_host_is_as_it_was(self):
        before = self.build(dict(a=[card('x', 16)]))
        lost = {('a', 'x'): dict(host='a', card='x', state='lost', time='t', before=None, after=None)}
        made = self.build(dict(a=None), lost, before)
        self.assertEqual((made['cards'][0]['in_flash'], made['cards'][0]['problems']), ('2.40.5030', ['unreachable', 'in work']))
        self.assertEqual(self.problems(self.build(dict(a=None), lost))['a', 'x'], ['unreachable', 'in work'])
        self.assertEqual(made['absent'], ['a'])

    def test_what_was_in_work(self):
        for state, told in (('writing', True), ('lost', True), ('cut off', True), ('done', False)):
            record = {('a', 'x'): dict(host='a', card='x', state=state, time='t')}
            self.assertEqual('in work' in self.problems(self.build(dict(a=[card('x', 16)]), record))['a', 'x'], told)

    def test_lost_in_this_run(self):
        for word, told in (('lost', ['unreachable', 'in work', 'outdated']), ('failed', ['failed', 'outdated'])):
            data = dict(a=dict(cards=[card('x', 16)], checks=[], outcomes=[dict(card='x', outcome=word)]))
            made = report.build(data, dict(P=dict(version='2.42.5000')), {}, None, 'now')
            self.assertEqual(self.problems(made)['a', 'x'], told)

    def test_csv(self):
        made = self.build(dict(a=[card('=x', 16, psid='a,"b')]))
        rows = list(csv.DictReader(io.StringIO(report.to_csv(made))))
        self.assertEqual((rows[0]['card'], rows[0]['psid'], rows[0]['in_flash']), ("'=x", 'a,"b', '2.40.5030'))

    def test_html_is_not_left(self):
        page = report.to_html(self.build(dict(a=[card('</script><script>alert(1)', 16)])), '<script>@REPORT@</script>')
        self.assertEqual(page.count('<'), 2)
        self.assertIn('</script><script>', json.loads(page[8:-9])['cards'][0]['card'])


if __name__ == '__main__':
    unittest.main()
