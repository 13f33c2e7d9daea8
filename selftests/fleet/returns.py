# SPDX-License-Identifier: GPL-2.0-only
"""returns.py COLLECTION RESULTS: what modules returned is what they document; RESULTS as callback/results.py
writes them."""
import importlib
import json
import os
import sys

import yaml

root, results = sys.argv[1:]
sys.path.insert(0, os.path.join(os.path.abspath(root), '..', '..', '..'))
TYPES = {'str': str, 'bool': bool, 'int': int, 'dict': dict, 'list': list}
COMMON = {'changed', 'failed', 'msg', 'invocation', 'diff', 'skipped', 'skip_reason', 'failed_when_result', 'action'}
bad = checked = 0


def complain(*words):
    global bad
    bad += 1
    print(*words)


def hold(where, value, doc):
    """A value against its documentation; null is what cannot be known."""
    if value is None:
        return
    if not isinstance(value, TYPES[doc['type']]):
        complain(where, 'is', type(value).__name__, 'and not', doc['type'])
    elif doc['type'] == 'list':
        for item in value:
            hold(where + '[]', item, dict(doc, type=doc.get('elements', 'str')))
    elif doc.get('contains'):
        for key in value:
            if key not in doc['contains']:
                complain('%s.%s is not documented' % (where, key))
            else:
                hold('%s.%s' % (where, key), value[key], doc['contains'][key])
        for key, part in doc['contains'].items():
            if part.get('returned') == 'always' and key not in value:
                complain('%s.%s is always returned, but was not' % (where, key))


with open(results, encoding='utf-8') as f:
    told = [json.loads(line) for line in f]
for task in told:
    result, action = task['result'], task['action'].split('.')[-1]
    if not action.startswith('cxflash_'):
        continue
    module = importlib.import_module('ansible_collections.cxflash.cxflash.plugins.modules.' + action)
    docs = yaml.safe_load(module.RETURN)
    checked += 1
    for key, value in result.items():
        if key.startswith('_ansible') or key in COMMON:
            continue
        if key in docs:
            hold('%s: %s' % (action, key), value, docs[key])
        elif 'msg' not in result:
            complain('%s: %s is not documented' % (action, key))
print(checked, 'results were held against their documentation')
sys.exit(bad != 0 or checked < 15)
