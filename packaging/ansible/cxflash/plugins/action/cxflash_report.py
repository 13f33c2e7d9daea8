# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cxflash_report works on the controller alone: what the hosts told is in their variables already."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import io
import json
import os
import time

from ansible.plugins.action import ActionBase

from ansible_collections.cxflash.cxflash.plugins.module_utils import policy, report

PAGE = os.path.join(os.path.dirname(__file__), '..', '..', 'roles', 'cxflash', 'files', 'report.html')


def read_records(folder):
    """(host, card) -> what cxflash_firmware has written down."""
    found = {}
    for host in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        here = os.path.join(folder, host)
        for name in sorted(os.listdir(here)) if os.path.isdir(here) else []:
            if name.endswith('.json'):
                with io.open(os.path.join(here, name), encoding='utf-8') as f:
                    record = json.load(f)
                found[record['host'], record['card']] = record
    return found


def read_previous(path):
    if not os.path.exists(path):
        return None
    with io.open(path, encoding='utf-8') as f:
        return json.load(f)


def write(path, text):
    with io.open(path + '.new', 'w', encoding='utf-8') as f:
        f.write(text)
    os.rename(path + '.new', path)


class ActionModule(ActionBase):

    def host_data(self, name, hostvars):
        """What a host told in this run, or None."""
        told = hostvars[name]
        if 'cxflash_found' not in told or 'cards' not in told['cxflash_found']:
            return None
        checks = told.get('cxflash_checked') or {}
        return dict(cards=told['cxflash_found']['cards'], outcomes=told.get('cxflash_outcomes') or [],
                    checks=[c for c in checks.get('results', [checks]) if 'verdict' in c])

    def run(self, tmp=None, task_vars=None):
        result = super(ActionModule, self).run(tmp, task_vars)
        _unused, args = self.validate_argument_spec(argument_spec=dict(
            dest=dict(type='path', required=True), policy=dict(type='path'), records=dict(type='path'),
            hosts=dict(type='list', elements='str', required=True)))
        dest = self._loader.path_dwim(args['dest'])
        paths = dict((kind, os.path.join(dest, 'report.' + kind)) for kind in ('html', 'json', 'csv'))
        try:
            images = policy.load(self._loader.path_dwim(args['policy'])) if args['policy'] else {}
            records = read_records(self._loader.path_dwim(args['records'])) if args['records'] else {}
            made = report.build(dict((h, self.host_data(h, task_vars['hostvars'])) for h in args['hosts']), images, records,
                                read_previous(paths['json']), time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()))
            if not os.path.isdir(dest):
                os.makedirs(dest)
            with io.open(PAGE, encoding='utf-8') as f:
                page = f.read()
            write(paths['html'], report.to_html(made, page))
            write(paths['json'], report.to_json(made))
            write(paths['csv'], report.to_csv(made))
        except (policy.PolicyError, EnvironmentError, ValueError) as why:
            return dict(result, failed=True, msg='no report: %s' % why)
        told = dict((k, made[k]) for k in ('counts', 'duplicates', 'absent', 'without_card'))
        return dict(result, changed=False, files=paths, **told)
