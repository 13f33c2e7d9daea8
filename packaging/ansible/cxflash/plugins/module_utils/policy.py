# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy: which image a card of which PSID is to have. Read on the controller, where PyYAML is."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import hashlib
import os
import re

try:
    import yaml
    HAS_YAML = True
except ImportError:
    HAS_YAML = False

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

FORMAT = 1

ENTRY = dict(
    file=dict(type='str', required=True),
    sha256=dict(type='str', required=True),
    version=dict(type='str', required=True),
    chip=dict(type='str', required=True),
    how=dict(type='str', choices=['beside', 'takeover'], default='beside'),
    rom=dict(type='str', choices=['keep', 'image', 'none'], default='keep'),
    allow_downgrade=dict(type='bool', default=False),
)
TOP = dict(
    format=dict(type='int', required=True, choices=[FORMAT]),
    images=dict(type='dict', required=True),
)

# A PSID is 1 to 16 characters. Whoever means every card at once has not looked at any.
PSID = re.compile(r'^[A-Za-z0-9_.-]{1,16}$')
WILD = re.compile(r'[*?\[\]]|^(all|any|default|other)$', re.I)
SHA256 = re.compile(r'^[0-9a-f]{64}$')
VERSION = re.compile(r'^\d+\.\d+\.\d+$')


class PolicyError(Exception):
    """What is wrong with a policy, and where."""


def _loader():
    class Strict(yaml.SafeLoader):
        """YAML in which a key that is stated twice is no silent replacement."""

    def mapping(loader, node, deep=False):
        seen = set()
        for key_node, _value in node.value:
            key = loader.construct_object(key_node, deep=True)
            if key in seen:
                raise PolicyError('line %d: %s is stated twice' % (key_node.start_mark.line + 1, key))
            seen.add(key)
        return yaml.SafeLoader.construct_mapping(loader, node, deep)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Strict


def _validate(spec, values, where):
    if not isinstance(values, dict):
        raise PolicyError('%s: keys and values expected' % where)
    result = ArgumentSpecValidator(spec).validate(values)
    if result.error_messages:
        raise PolicyError('%s: %s' % (where, '; '.join(result.error_messages)))
    return result.validated_parameters


def _entry(psid, values, folder):
    if not isinstance(psid, str) or WILD.search(psid):
        raise PolicyError('%s: a rule for every card is not taken; name each PSID' % psid)
    if not PSID.match(psid):
        raise PolicyError('%s: a PSID has 1 to 16 letters, digits, _ . or -' % psid)
    entry = _validate(ENTRY, values, psid)
    if not SHA256.match(entry['sha256']):
        raise PolicyError('%s: sha256: 64 lower-case hexadecimal digits expected' % psid)
    if not VERSION.match(entry['version']):
        raise PolicyError('%s: version: three numbers expected, as in 2.42.5000' % psid)
    return dict(entry, psid=psid, path=os.path.join(folder, entry['file']))


def parse(text, folder):
    """PSID -> entry, with the path of its image. Raises PolicyError."""
    try:
        top = yaml.load(text, Loader=_loader())
    except yaml.YAMLError as why:
        raise PolicyError('no YAML: %s' % ' '.join(str(why).split()))
    images = _validate(TOP, top, 'policy')['images']
    return dict((psid, _entry(psid, images[psid], folder)) for psid in images)


def load(path):
    if not HAS_YAML:
        raise PolicyError('%s: reading it takes PyYAML on this machine' % path)
    try:
        with open(path) as f:
            text = f.read()
    except (IOError, OSError, UnicodeDecodeError) as why:
        raise PolicyError('%s: %s' % (path, why))
    try:
        return parse(text, os.path.dirname(os.path.abspath(path)))
    except PolicyError as why:
        raise PolicyError('%s: %s' % (path, why))


def sha256(path):
    total = hashlib.sha256()
    with open(path, 'rb') as f:
        for block in iter(lambda: f.read(1 << 20), b''):
            total.update(block)
    return total.hexdigest()


def check_sum(entry):
    """The file of an entry is there, and the one that was meant."""
    try:
        found = sha256(entry['path'])
    except (IOError, OSError) as why:
        raise PolicyError('%s: %s' % (entry['psid'], why))
    if found != entry['sha256']:
        raise PolicyError('%s: %s has SHA-256 %s, the policy says %s; it is not the file that was listed'
                          % (entry['psid'], entry['path'], found, entry['sha256']))
