# SPDX-License-Identifier: GPL-2.0-only
"""agree.py COLLECTION: the options that a module documents are those that it takes, in type, default and choices."""
import importlib
import os
import sys
from unittest import mock

import yaml

root = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.join(root, '..', '..', '..'))
PACKAGE = 'ansible_collections.cxflash.cxflash.plugins.'
KEYS = ('type', 'default', 'choices', 'elements', 'required')


class Seen(Exception):
    pass


def taken(module):
    """The argument_spec with which a module calls AnsibleModule."""
    with mock.patch.object(module, 'AnsibleModule', side_effect=Seen) as made:
        try:
            module.main()
        except Seen:
            pass
    return made.call_args[1]['argument_spec']


def documented(module):
    doc = yaml.safe_load(module.DOCUMENTATION)
    options = dict(doc['options'])
    fragments = importlib.import_module(PACKAGE + 'doc_fragments.cxflashctl').ModuleDocFragment
    for name in doc.get('extends_documentation_fragment', []):
        part = name.split('.')[3:] or ['documentation']
        options.update(yaml.safe_load(getattr(fragments, part[0].upper()))['options'])
    return options


bad = 0
for name in sorted(os.listdir(os.path.join(root, 'plugins', 'modules'))):
    if not name.endswith('.py'):
        continue
    module = importlib.import_module(PACKAGE + 'modules.' + name[:-3])
    doc, spec = documented(module), taken(module)
    for option in sorted(set(doc) | set(spec)):
        said = {k: v for k, v in doc.get(option, {}).items() if k in KEYS}
        done = {k: v for k, v in spec.get(option, {}).items() if k in KEYS}
        if said != done or option not in doc or option not in spec:
            print('%s: %s: documented %s, taken %s' % (name, option, said, done))
            bad += 1
sys.exit(bad != 0)
