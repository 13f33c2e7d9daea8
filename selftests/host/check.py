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

import tree

B = os.path.realpath(os.environ.get('B', 'build'))
TOOL = os.environ.get('CTL', f'{B}/san/cxflashctl')
# Sanitizers take four times as long as the command: one machine of three is looked at with them, and one of nine for
# leaks. MANY has them, too, and looks at all those of the file cases.
QUICK = f'{B}/cxflashctl'
MANY = f'{B}/host_many'
HERE = tree.HERE
STATES = ('pass', 'warn', 'fail', 'skip')
UNDERSTOOD = {}  # a command: does a shell read it?
VERDICTS = set()


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


def pasteable(layers):
    """Every next step is something a shell understands."""
    bad = []
    for layer in layers:
        step = layer['next']
        if step and step not in UNDERSTOOD:
            UNDERSTOOD[step] = not subprocess.run(['sh', '-n'], input=step, text=True, capture_output=True,
                                                  check=False).returncode
        if step and not UNDERSTOOD[step]:
            bad.append(step)
    return '\n'.join(bad)


def filled_in(layers):
    """Nothing that a rule wanted to say is missing in what was said, and it says where it was read."""
    return '\n'.join(f'{layer["rule"]}: {layer["seen"]}' for layer in layers
                     if not layer['source'] or re.search(r'[{}]|^ |  | $|\(\)|""|^$|[:,] ?$', layer['seen']))


def agree(report, text):
    """The object and the text tell of the same layers in the same states."""
    said = [line[:4] for line in text.splitlines() if line[:4] in STATES]
    return said == [layer['state'] for layer in report.get('layers', [])]


def whole(tap, folder, said):
    for number, path in enumerate(machines()):
        machine = tree.load(path)
        status, out, err = machine.run(QUICK if number % 3 else TOOL, folder, leaks=number % 9 == 0)
        good = (status, out + err) == (machine.status, machine.report)
        tap.ok(good, f'{machine.name}: its report', f'status {status}\n{out}{err}')
        json_status, out_json, _ = machine.run(QUICK, folder, '--json', again=machine.args[:2] != ['port', 'set'])
        report = json.loads(out_json)
        tap.ok(json_status == status == report['exit'] and agree(report, out),
               f'{machine.name}: the same as an object', out_json)
        if machine.args[0] != 'check':
            continue
        bad = pasteable(report['layers']) + filled_in(report['layers'])
        tap.ok(not bad, f'{machine.name}: all is said, and every next step can be pasted', bad)
        ready = report['verdict'] == 'ready'
        tap.ok(ready == (status == 0) and (ready or report['first'] is not None),
               f'{machine.name}: what is not ready has a first step', out_json)
        said.extend(report['layers'])
        VERDICTS.add(report['verdict'])


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


def kernel_log(many, folder, line):
    """What check says of the kernel's log if this is its last line."""
    layers = many.ask(tree.Machine(LOG + f'\t<3>[    4.000000] {line}\n', 'log'), folder)['layers']
    return [layer for layer in layers if layer['layer'] == 'kernel log'][0]


def messages(tap, many, folder, said):
    """Each message of the kernel; what was said before the last start, or of another card, is none."""
    for message in told()['messages']:
        found = kernel_log(many, folder, f"mlx4_core 0000:04:00.0: {message['text']}")
        said.append(found)
        tap.ok(found['state'] == message['state'] and
               (message['state'] == 'pass' or message['meaning'] in found['seen']) and
               not pasteable([found]), f"the message \"{message['text']}\"", found)
    for line, state in (
            ('DMAR: [DMA Write NO_PASID] Request device [04:00.0] fault addr 0x1000', 'fail'),
            ('DMAR: [DMA Write NO_PASID] Request device [05:00.0] fault addr 0x1000', 'pass'),
            ('AMD-Vi: Event logged [IO_PAGE_FAULT device=04:00.0 domain=0x000c address=0x1000]', 'fail'),
            ('AMD-Vi: Event logged [IO_PAGE_FAULT device=05:00.0 domain=0x000c address=0x1000]', 'pass'),
            ('mlx4_en: enp4s0: LSO not supported, please upgrade to later FW version', 'warn'),
            ('mlx4_core 0001:04:00.0: Missing UAR, aborting', 'pass')):
        found = kernel_log(many, folder, line)
        tap.ok(found['state'] == state, f'whose it is: {line}', found)


def rules(tap, many, folder, said):
    for rule, machine in cases():
        report = {'layers': [], 'verdict': None} | many.ask(machine, folder)
        found = [layer for layer in report['layers'] if layer['rule'] == rule]
        wrong = [layer for layer in found for key, text in machine.expect.items() if layer[key] != text]
        tap.ok(len(found) == 1 and not wrong, f'a machine for {rule}', report)
        bad = pasteable(report['layers']) + filled_in(report['layers'])
        tap.ok(not bad, f'{rule}: where it was read, what was seen, what to do', bad)
        said.extend(report['layers'])
        VERDICTS.add(report['verdict'])


def alternatives(rule):
    """The values of which each makes this rule speak: of "key=a|b" both."""
    return set(re.search(r'(?<!!)=(\S*)', rule['when']).group(1).split('|')) if '|' in rule['when'] else set()


def covered(tap, said):
    """Every rule has spoken, for every value that it names, and every layer was in every state that it can be in."""
    table = told()['rules']
    spoke = {layer['rule'] for layer in said}
    silent = [rule['rule'] for rule in table if rule['rule'] not in spoke]
    tap.ok(len(table) > 100 and not silent, 'every rule of the table has a machine', '\n'.join(silent))
    for rule in table:
        wanted = alternatives(rule)
        seen = {layer['value'] for layer in said if layer['rule'] == rule['rule']}
        if wanted:
            tap.ok(wanted <= seen, f'{rule["rule"]}: for each value that it names', wanted - seen)
    seen = {(layer['layer'], layer['state']) for layer in said}
    for name in dict.fromkeys(rule['layer'] for rule in table):
        states = {rule['state'] for rule in table if rule['layer'] == name}
        missing = {state for state in states if (name, state) not in seen}
        tap.ok('pass' in states and len(states) > 1 and not missing,
               f'{name}: seen as {", ".join(state for state in STATES if state in states)}', missing)
    tap.ok(VERDICTS == {'ready', 'not-ready', 'cannot-tell'}, 'every verdict has a machine', VERDICTS)


def main():
    with tree.temporary() as top:
        folder = f'{top}/tree'
        if sys.argv[1:] == ['--update']:
            return update(folder)
        tap = tree.Tap()
        said = []
        whole(tap, folder, said)
        many = tree.Many(MANY)
        rules(tap, many, folder, said)
        messages(tap, many, folder, said)
        tap.ok(many.done() == 0, 'nothing leaks')
        covered(tap, said)
        return tap.done()


sys.exit(main())
