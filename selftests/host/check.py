#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
cxflashctl check and port on made-up machines: whole ones, each with its report, and one for every rule
of check.

With --update, the reports in machines/ and ports/ become what the command says now, for the diff to be
read.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import tree

B = os.path.realpath(os.environ.get('B', 'build'))
TOOL = os.environ.get('CTL', f'{B}/san/cxflashctl')
HERE = tree.HERE
STATES = ('pass', 'warn', 'fail', 'skip')


def machines():
    for folder in ('machines', 'ports'):
        for name in sorted(os.listdir(f'{HERE}/{folder}')):
            yield f'{HERE}/{folder}/{name}'


def update(folder):
    for path in machines():
        machine = tree.load(path)
        status, out, err = machine.run(TOOL, folder)
        with open(path, encoding='utf-8') as f:
            story = re.split(r'^report ', f.read(), flags=re.M)[0]
        with open(path, 'w', encoding='utf-8') as f:
            f.write(f'{story}report {status}\n{out}{err}')


def pasteable(report):
    """Every next step is something a shell understands."""
    bad = []
    for layer in report['layers']:
        if layer['next'] and subprocess.run(['sh', '-n'], input=layer['next'], text=True,
                                            capture_output=True, check=False).returncode:
            bad.append(layer['next'])
    return '\n'.join(bad)


def agree(report, text):
    """The object and the text tell of the same layers in the same states."""
    said = [line[:4] for line in text.splitlines() if line[:4] in STATES]
    return said == [layer['state'] for layer in report.get('layers', [])]


def whole(tap, folder, fired):
    for path in machines():
        machine = tree.load(path)
        status, out, err = machine.run(TOOL, folder)
        good = (status, out + err) == (machine.status, machine.report)
        tap.ok(good, f'{machine.name}: its report', f'status {status}\n{out}{err}')
        json_status, out_json, _ = machine.run(TOOL, folder, '--json')
        report = json.loads(out_json)
        tap.ok(json_status == status == report['exit'] and agree(report, out),
               f'{machine.name}: the same as an object', out_json)
        if machine.args[0] != 'check':
            continue
        bad = pasteable(report)
        tap.ok(not bad, f'{machine.name}: every next step can be pasted', bad)
        ready = report['verdict'] == 'ready'
        tap.ok(ready == (status == 0) and (ready or report['first'] is not None),
               f'{machine.name}: what is not ready has a first step', out_json)
        fired.update(layer['rule'] for layer in report['layers'])


def cases():
    """Stanzas of the file cases: "= RULE", then lines of a machine."""
    with open(f'{HERE}/cases', encoding='utf-8') as f:
        for stanza in re.split(r'^= ', f.read(), flags=re.M)[1:]:
            rule, text = stanza.split('\n', 1)
            yield rule, tree.Machine(text, rule)


def told():
    """What the command says that its rules are."""
    text = subprocess.run([TOOL, 'check', '--rules', '--json'], capture_output=True, text=True, check=True).stdout
    tree.PRINTED.append(text)
    return json.loads(text)


LOG = """args check
include debian-6.1
include cx3
/ask/log:
	<3>[    1.000000] mlx4_core 0000:04:00.0: Missing UAR, aborting
	<6>[    2.000000] mlx4_core: Initializing 0000:05:00.0
	<3>[    2.100000] mlx4_core 0000:05:00.0: Missing DCS, aborting
	<6>[    3.000000] mlx4_core: Initializing 0000:04:00.0
	<6>[    3.100000] mlx4_core 0000:04:00.0: some other message
"""


def messages(tap, folder):
    """Each message of the kernel; what was said before the last start, or of another card, is none."""
    for message in told()['messages']:
        machine = tree.Machine(LOG + f"\t<3>[    4.000000] mlx4_core 0000:04:00.0: {message['text']}\n",
                               'log')
        layers = json.loads(machine.run(TOOL, folder, '--json')[1])['layers']
        said = [layer for layer in layers if layer['layer'] == 'kernel log'][0]
        tap.ok(said['state'] == message['state'] and
               (message['state'] == 'pass' or message['meaning'] in said['seen']) and
               not pasteable({'layers': [said]}), f"the message \"{message['text']}\"", said)


def rules(tap, folder, fired):
    for rule, machine in cases():
        status, out, err = machine.run(TOOL, folder, '--json')
        said = [layer for layer in json.loads(out)['layers'] if layer['rule'] == rule] if out else []
        tap.ok(len(said) == 1 and status in (0, 1), f'a machine for {rule}', out + err)
        for layer in said:
            tap.ok(layer['source'] and '{' not in layer['seen'] and not pasteable({'layers': said}),
                   f'{rule}: where it was read, what was seen, what to do', layer)
        fired.add(rule)
    table = {rule['rule'] for rule in told()['rules']}
    tap.ok(len(table) > 100 and not table - fired, 'every rule of the table has a machine',
           '\n'.join(sorted(table - fired)))


def main():
    with tempfile.TemporaryDirectory() as top:
        folder = f'{top}/tree'
        if sys.argv[1:] == ['--update']:
            return update(folder)
        tap = tree.Tap()
        fired = set()
        whole(tap, folder, fired)
        rules(tap, folder, fired)
        messages(tap, folder)
        return tap.done()


sys.exit(main())
