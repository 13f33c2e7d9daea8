#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""cxflashctl report on made-up machines: check says the same on the report's machine, and nobody is named."""
import os
import re
import subprocess
import sys
import tempfile

import tree

B = os.path.realpath(os.environ.get('B', 'build'))
TOOL = os.environ.get('CTL', f'{B}/san/cxflashctl')
NAMES = ('article-after', 'back-to-back', 'en-firmware', 'host-with-vfs', 'iser-target', 'no-room', 'nvme-host',
         'proxmox-client', 'roce', 'secure-boot', 'switch-above', 'taken-over', 'vf-in-guest')


def unmasked(text):
    """Without what is masked, and without the flash, which a report's machine need not know."""
    text = re.sub(r'node GUID \S+', 'node GUID', text)
    text = re.sub(r' has [\dA-Z.]+', ' has', text)
    return re.sub(r'\S+ is mounted', 'X is mounted', text)


def make(folder, machine, *more):
    """The folder of a report on this machine; what the command said."""
    done = subprocess.run([TOOL, 'report', '--sysroot', machine.unpack(f'{folder}/tree'), '-o', f'{folder}/r.tar.xz',
                           *more], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    subprocess.run(['rm', '-rf', f'{folder}/cxflash-report'], check=True)
    if not done.returncode:
        subprocess.run(['tar', '-C', folder, '-xf', f'{folder}/r.tar.xz'], check=True)
    return done


def all_bytes(folder):
    text = b''
    for top, _, names in os.walk(folder):
        for name in names:
            path = f'{top}/{name}'
            if not os.path.islink(path):
                with open(path, 'rb') as f:
                    text += f.read()
    return text


def one(tap, folder, name):
    machine = tree.load(f'{tree.HERE}/machines/{name}')
    done = make(folder, machine)
    tap.ok(done.returncode == 0, f'{name}: a report', done.stderr)
    there = f'{folder}/cxflash-report'
    again = subprocess.run([TOOL, *machine.args, '--sysroot', f'{there}/machine'], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, check=False)
    tap.ok((again.returncode, unmasked(again.stdout)) == (machine.status, unmasked(machine.report)),
           f'{name}: check says the same on it', again.stdout + again.stderr)
    text = all_bytes(there)
    named = [word for word in (b'a1b2c0', b'00a1:b2c0', b'10.11.0.1', b'//files/pool', b'files:/pool', b'root=/dev')
             if word in text]
    tap.ok(not named, f'{name}: nobody is named in it', named)
    with open(f'{there}/check.txt', encoding='utf-8') as f:
        told = re.findall(r'node GUID (0002:c9\S+)', f.read())
    same = [name for name in told if name.encode() not in all_bytes(f'{there}/machine')]
    tap.ok(not same, f'{name}: a masked GUID is the same everywhere', same)


def main():
    tap = tree.Tap()
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            one(tap, folder, name)
        machine = tree.load(f'{tree.HERE}/machines/article-after')
        make(folder, machine, '--with-identity')
        tap.ok(b'0002:c903:00a1:b2c0' in all_bytes(f'{folder}/cxflash-report'), 'with identity it is there')
        with open(f'{folder}/cxflash-report/README', encoding='utf-8') as f:
            readme = f.read()
        tap.ok('Left out:' in readme and 'query' in readme, 'the README says what is left out', readme)
        done = subprocess.run([TOOL, 'report', '--sysroot', f'{folder}/tree', '-o', f'{folder}/nowhere/r.tar.xz'],
                              capture_output=True, text=True, check=False)
        tap.ok(done.returncode == 1 and 'nowhere' in done.stderr, 'a place that is not there is named', done.stderr)
        done = subprocess.run([TOOL, 'report'], capture_output=True, text=True, check=False)
        tap.ok(done.returncode == 64 and '-o' in done.stderr, 'a report needs a place', done.stderr)
    return tap.done()


sys.exit(main())
