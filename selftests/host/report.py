#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""cxflashctl report on made-up machines: check says the same on the report's machine, and nobody is named."""
import os
import re
import subprocess
import sys

import tree

B = os.path.realpath(os.environ.get('B', 'build'))
TOOL = os.environ.get('CTL', f'{B}/san/cxflashctl')
NAMES = ('article-after', 'back-to-back', 'en-firmware', 'host-with-vfs', 'iser-target', 'no-room', 'nvme-host',
         'proxmox-client', 'roce', 'secure-boot', 'srp-target', 'switch-above', 'taken-over', 'vf-in-guest')


def unmasked(text):
    """Without what is masked, and without the flash, which a report's machine need not know."""
    text = re.sub(r'node GUID \S+', 'node GUID', text)
    text = re.sub(r' has [\dA-Z.]+', ' has', text)
    text = re.sub(r' at [\dA-Z.]+:', ' at X:', text)
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
    """Everything in a report: what its files are called, where its links lead, what is in them."""
    text = b''
    for top, folders, names in os.walk(folder):
        for name in folders + names:
            path = f'{top}/{name}'
            text += path.removeprefix(folder).encode() + b'\n'
            if os.path.islink(path):
                text += os.readlink(path).encode() + b'\n'
            elif not os.path.isdir(path):
                with open(path, 'rb') as f:
                    text += f.read()
    return text


def read(folder, name):
    with open(f'{folder}/cxflash-report/{name}', encoding='utf-8') as f:
        return f.read()


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
    named = [word for word in (b'a1b2c0', b'00a1:b2c0', b'a1b2c1', b'10.11.0.1', b'//files/pool', b'files:/pool',
                               b'linux-iscsi.files', b'root=/dev', b'sshd', b'/dev/sda2') if word in text]
    tap.ok(not named, f'{name}: nobody is named in it', named)
    with open(f'{there}/check.txt', encoding='utf-8') as f:
        told = re.findall(r'node GUID (0002:c9\S+)', f.read())
    same = [name for name in told if name.encode() not in all_bytes(f'{there}/machine')]
    tap.ok(not same, f'{name}: a masked GUID is the same everywhere', same)


# What nobody else is to know, and what cannot be read. The one has a name with a blank and no newline at its end.
ODD = r"""args check
include proxmox
include cx3
$D/config= \xb3\x15\x03\x10\x06\x04\x10\x00
let OPTIONS rw,vers=3.1.1,rdma,username=alice,domain=CORP,addr=10.11.0.9
append /proc/mounts //files/my\040pool /srv/my\040share cifs $OPTIONS 0 0
append /proc/mounts nfsd /proc/fs/nfsd nfsd rw,relatime 0 0
/proc/cmdline= mlx4_core.port_type_array=2,2
/proc/cpuinfo= x hypervisor
/etc/modprobe.d/all.conf:
	options nouveau secret=1
	blacklist mlx5_core
	blacklist mlx4_core
/etc/ksmbd/ksmbd.conf:
	[global]
	server multi channel support = yes
	[private]
	path = /home/alice
/sys/kernel/config/nvmet/ports/1/addr_trtype: rdma
/sys/kernel/config/nvmet/ports/1/subsystems/nqn.2014-08.org.corp:disk -> ../../../subsystems/disk
-/ask/address
let N1 $D/net/enx0002c9a1b2c0
-$D/net
$N1/dev_port: 0
$N1/type: 32
$N1/flags: 0x1003
/ask/address/enx0002c9a1b2c0: 10.11.0.1
/proc/fs/nfsd/portlist/
"""


def odd(tap, folder):
    done = make(folder, tree.Machine(ODD, 'odd'))
    tap.ok(done.returncode == 0, 'a machine with more to hide: a report', done.stderr)
    text = all_bytes(f'{folder}/cxflash-report')
    named = [word for word in (b'alice', b'CORP', b'10.11.0', b'my pool', b'my\\040pool', b'my share', b'secret',
                               b'private', b'org.corp', b'a1b2c0') if word in text]
    tap.ok(not named, 'neither people, nor domains, nor shares, nor targets, nor what is another\'s', named)
    tap.ok(read(folder, 'machine/proc/mounts').endswith(' cifs vers=3.1.1,rdma 0 0\n'), 'a mount says how it travels',
           read(folder, 'machine/proc/mounts'))
    tap.ok(read(folder, 'machine/etc/modprobe.d/all.conf') == '\n\nblacklist mlx4_core\n',
           'of modprobe the lines of our drivers, by their numbers')
    readme = read(folder, 'README')
    tap.ok('machine/proc/fs/nfsd/portlist: Is a directory' in readme, 'what cannot be read is told', readme)
    tap.ok(os.path.isdir(f'{folder}/cxflash-report/machine/proc/fs/nfsd/portlist'), 'and cannot be read in the report')
    tap.ok('config.hex: ' in readme and 'does not have 64 bytes' in readme, 'so is a configuration space that is short',
           readme)
    again = subprocess.run([TOOL, 'check', '--sysroot', f'{folder}/cxflash-report/machine'], capture_output=True,
                           text=True, check=False)
    states = [[line[:4] for line in said.splitlines()] for said in (read(folder, 'check.txt'), again.stdout)]
    tap.ok(states[0] == states[1], 'check says the same on it', again.stdout + again.stderr)


def contents(tap, folder):
    """What there is of a card that nobody serves, file by file."""
    machine = tree.load(f'{tree.HERE}/machines/article-after')
    machine.node[machine.expand('$D/config')] = bytes(range(256))
    machine.node['/sys/module/cxflash/version'] = b'0.1\n'
    machine.node['/sys/module/cxflash/srcversion'] = b'0123456789ABCDEF\n'
    make(folder, machine)
    names = sorted(os.listdir(f'{folder}/cxflash-report'))
    tap.ok(names == ['README', 'check.json', 'check.txt', 'config.hex', 'machine', 'versions.txt'], 'its files', names)
    versions = read(folder, 'versions.txt')
    tap.ok(re.search(r'^cxflash +0\.1, srcversion 0123456789ABCDEF$', versions, re.M) and
           re.search(r'^mlx4_core +loaded', versions, re.M) and
           re.search(r'^Linux +6\.1\.0-28-amd64$', versions, re.M),
           'versions of tool, modules and kernel', versions)
    lines = read(folder, 'config.hex').splitlines()
    tap.ok(len(lines) == 17 and lines[0].startswith('0000:04:00.0 ') and
           lines[1] == '00: ' + bytes(range(16)).hex(' ') and
           lines[6] == '50: ' + bytes(range(0x50, 0x58)).hex(' ') + ' 00' * 8,
           'configuration space as lspci -F reads it, without the window', '\n'.join(lines))
    tap.ok(os.path.isfile(f'{folder}/cxflash-report/machine' + machine.expand('$P1/counters/link_downed')),
           'counters that check does not read')
    tap.ok(os.path.isfile(f'{folder}/cxflash-report/machine/ask/log'), 'the kernel\'s messages')
    readme = read(folder, 'README')
    missing = [name for name in ('query', 'sections.txt', 'contact.txt', 'cr.txt') if f'{name}' not in
               readme.split('Left out:')[1]]
    tap.ok(not missing, 'the README says what is left out', readme)
    listed = re.findall(r'^([a-z]+\.(?:txt|hex|json))', readme, re.M)
    tap.ok({name for name in names if '.' in name} - {'check.json'} <= set(listed), 'and what is there', readme)


def main():
    tap = tree.Tap()
    with tree.temporary() as folder:
        for name in NAMES:
            one(tap, folder, name)
        machine = tree.load(f'{tree.HERE}/machines/article-after')
        make(folder, machine, '--with-identity')
        tap.ok(b'0002:c903:00a1:b2c0' in all_bytes(f'{folder}/cxflash-report'), 'with identity it is there')
        contents(tap, folder)
        odd(tap, folder)
        done = subprocess.run([TOOL, 'report', '--sysroot', f'{folder}/tree', '-o', f'{folder}/nowhere/r.tar.xz'],
                              capture_output=True, text=True, check=False)
        tap.ok(done.returncode == 1 and 'nowhere' in done.stderr, 'a place that is not there is named', done.stderr)
        done = subprocess.run([TOOL, 'report', '--sysroot', f'{folder}/tree', '-o', '-'], capture_output=True, check=False)
        tap.ok(done.returncode == 0 and done.stdout[:6] == b'\xfd7zXZ\0', 'to standard output goes the archive alone',
               done.stderr)
        done = subprocess.run([TOOL, 'report'], capture_output=True, text=True, check=False)
        tap.ok(done.returncode == 64 and '-o' in done.stderr, 'a report needs a place', done.stderr)
    return tap.done()


sys.exit(main())
