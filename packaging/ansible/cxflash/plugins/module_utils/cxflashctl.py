# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cxflashctl --json, called and read. What a card is and what may be done to it, only the tool decides."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import json

SBIN = ['/usr/sbin', '/usr/local/sbin']

# The exit statuses that a module has to tell apart (cxflashctl(8), EXIT STATUS).
DONE, FAILED, NOTHING, ABSENT, BUSY, INVALID, REFUSED, UNKNOWN, USAGE = 0, 1, 2, 3, 4, 5, 6, 7, 64

# What every module has: where the tool is, and which card is meant.
TOOL_ARGS = dict(executable=dict(type='str', default='cxflashctl'))
CARD_ARGS = dict(TOOL_ARGS, card=dict(type='str'))


class Answer(object):
    """The last object that a command printed, and its exit status."""

    def __init__(self, status, result, stderr):
        self.status = status
        self.result = result
        self.stderr = stderr

    @property
    def error(self):
        return self.result.get('error') or self.stderr.strip() or 'exit status %d without a word' % self.status

    @property
    def flags(self):
        """What the refusals of a verdict can be overridden with."""
        return sorted(set(f['flag'] for f in self.result.get('verdict', [])
                          if f.get('verdict') == 'refused' and f.get('flag')))


class Garbled(Exception):
    """The tool printed something else than its JSON."""


class Stop(Exception):
    """The end of a module before its last line; its result goes to fail_json, or to exit_json if nothing failed."""

    def __init__(self, failed, **result):
        Exception.__init__(self, result.get('msg', ''))
        self.failed = failed
        self.result = result


def parse(status, stdout, stderr):
    """One object a line; those with a stage are progress, and the last one is the result."""
    result = None
    for line in stdout.splitlines():
        if not line.strip():
            continue
        try:
            result = json.loads(line)
        except ValueError:
            raise Garbled('not JSON: %s' % line[:200])
        if not isinstance(result, dict):
            raise Garbled('not an object: %s' % line[:200])
    if result is None or 'stage' in result:
        if status:
            # Arguments that the tool does not take are told before it knows that JSON is wanted.
            return Answer(status, {}, stderr)
        raise Garbled('no result at the end of the output')
    if result.get('exit') != status:
        raise Garbled('the result says exit %s, the program ended with %s' % (result.get('exit'), status))
    return Answer(status, result, stderr)


class Tool(object):
    """cxflashctl on this host."""

    def __init__(self, module):
        self.module = module
        name = module.params['executable']
        self.path = name if name.startswith('/') else module.get_bin_path(name, True, SBIN)

    def command(self, *words):
        return [self.path, '--json', '--color', 'never'] + list(words)

    def version(self):
        status, stdout, stderr = self.module.run_command([self.path, '--version'])
        if status or not stdout.startswith('cxflashctl '):
            raise Stop(True, msg='%s --version: %s' % (self.path, stderr.strip() or stdout.strip()))
        return stdout.split()[1]

    def run(self, *words):
        command = self.command(*words)
        status, stdout, stderr = self.module.run_command(command, environ_update=dict(LC_ALL='C'))
        return self.read(command, status, stdout, stderr)

    def read(self, command, status, stdout, stderr):
        try:
            return parse(status, stdout, stderr)
        except Garbled as why:
            raise Stop(True, msg='%s: %s' % (' '.join(command), why), stdout=stdout, stderr=stderr)

    def fail(self, answer, **result):
        """Ends the module with the tool's own words. There is no rc: with one, an end without failure would be one."""
        told = dict(msg=answer.error, exit_status=answer.status, flags=answer.flags, answer=answer.result)
        state = answer.result.get('card_state')
        if state:
            told['card_state'] = state
        if answer.status == UNKNOWN:
            told['msg'] = 'DO NOT POWER OFF: ' + answer.error
        raise Stop(True, **dict(result, **told))


def run_module(module, work):
    """Ends the module with what work() returns, or with what stopped it."""
    try:
        result = work()
    except Stop as stop:
        if stop.failed:
            module.fail_json(**stop.result)
        result = stop.result
    module.exit_json(**result)


def device(card):
    """-d CARD, or nothing for the only card of the machine."""
    return ['-d', card] if card else []


def numbers(version):
    """2.9.1000 as something that compares; None if it is no version."""
    parts = (version or '').split('.')
    if len(parts) != 3 or not all(p.isdigit() for p in parts):
        return None
    return tuple(int(p) for p in parts)


def lines(**fields):
    """One field a line, for a diff."""
    return ''.join('%s: %s\n' % (key, fields[key]) for key in sorted(fields) if fields[key] is not None)
