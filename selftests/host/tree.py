# SPDX-License-Identifier: GPL-2.0-only
"""
Made-up machines. A machine is a text file that says what is where in its tree of files:

	# comment
	include PART		the lines of parts/PART
	let NAME TEXT		$NAME is TEXT in the lines that follow
	default NAME TEXT	the same, if there is no $NAME yet
	PATH: TEXT		a file of one line
	PATH:			a file of the lines that follow, each after a tab
	PATH= TEXT		a file without a newline; \\xNN is a byte
	PATH -> TARGET		a link
	PATH/			a folder; where a file is read, one that cannot be read
	-PATH			nothing is there, whatever came before
	append PATH TEXT	one line more
	cut PATH WORD		the file without its lines that have the word
	args WORD...		arguments of the command that is tried on it
	expect KEY TEXT		what the rule that it is made for says: seen, next, value, source
	report STATUS		the rest of the file is what the command prints, and how it ends

Later lines win.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PRINTED = []  # by commands with --json


class Machine:
    def __init__(self, text, name):
        self.name = name
        self.node = {}  # path: bytes, or a str for the target of a link, or None for a folder
        self.names = {}
        self.args = []
        self.expect = {}
        self.status = self.report = None
        self._read(text)

    def expand(self, text):
        return re.sub(r'\$(\w+)', lambda m: self.names[m.group(1)], text)

    def _remove(self, path):
        for known in list(self.node):
            if known == path or known.startswith(path + '/'):
                del self.node[known]

    def _put(self, path, what):
        if not path.startswith('/'):
            raise SystemExit(f'{self.name}: no path: {path}')
        if what is not None:
            self._remove(path)
        self.node[path] = what

    def _read(self, text):
        lines = text.split('\n')
        at = 0
        while at < len(lines):
            line = lines[at]
            at += 1
            if line.startswith('report '):
                self.status = int(line.split()[1])
                self.report = '\n'.join(lines[at:])
                return
            if not line.strip() or line.startswith('#'):
                continue
            line = self.expand(line)
            word = line.split(' ')
            if word[0] == 'include':
                with open(f'{HERE}/parts/{word[1]}', encoding='utf-8') as part:
                    self._read(part.read())
            elif word[0] == 'let':
                self.names[word[1]] = ' '.join(word[2:])
            elif word[0] == 'default':
                self.names.setdefault(word[1], ' '.join(word[2:]))
            elif word[0] == 'args':
                self.args = word[1:]
            elif word[0] == 'expect':
                self.expect[word[1]] = ' '.join(word[2:])
            elif word[0] == 'cut':
                kept = [l for l in self.node[word[1]].split(b'\n') if word[2].encode() not in l]
                self.node[word[1]] = b'\n'.join(kept)
            elif word[0] == 'append':
                self.node[word[1]] += (' '.join(word[2:]) + '\n').encode()
            elif line.startswith('-'):
                self._remove(line[1:])
            elif ' -> ' in line:
                path, target = line.split(' -> ')
                self._put(path, target)
            elif line.endswith('/'):
                self._remove(line[:-1])
                self._put(line[:-1], None)
            elif '= ' in line and re.match(r'^\S+= ', line):
                path, value = line.split('= ', 1)
                self._put(path, value.encode().decode('unicode_escape').encode('latin-1'))
            elif line.endswith(':'):
                body = []
                while at < len(lines) and lines[at].startswith('\t'):
                    body.append(self.expand(lines[at][1:]) + '\n')
                    at += 1
                self._put(line[:-1], ''.join(body).encode())
            else:
                path, value = line.split(': ', 1)
                self._put(path, (value + '\n').encode())

    def unpack(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for path, what in self.node.items():
            full = folder + path
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if what is None:
                os.makedirs(full, exist_ok=True)
            elif isinstance(what, str):
                os.symlink(what, full)
            else:
                with open(full, 'wb') as f:
                    f.write(what)
        return folder

    def run(self, tool, folder, *more, again=False, leaks=False):
        """The command of "args" on the tree, which is there already if it is run again: its exit code, output and
        complaints. To look for what it leaks takes as long as all the rest."""
        if not again:
            self.unpack(folder)
        done = subprocess.run([tool, *self.args, '--sysroot', folder, *more], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False,
                              env=dict(os.environ, CXFLASH_BOARDS='/dev/null',
                                       ASAN_OPTIONS=f'detect_leaks={int(leaks)}'))
        if '--json' in more:
            PRINTED.append(done.stdout)
        return done.returncode, done.stdout, done.stderr


class Many:
    """What check says of many machines, by one process with sanitizers."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, ASAN_OPTIONS='detect_leaks=1'))

    def ask(self, machine, folder):
        words = [machine.unpack(folder)] + machine.args[2:]
        self.process.stdin.write(' '.join(words) + '\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline() or '{}')

    def done(self):
        """Its exit code."""
        self.process.stdin.close()
        return self.process.wait()


def temporary():
    """A folder for trees: small files by the thousand, which no disk has to see."""
    return tempfile.TemporaryDirectory(dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)


def load(path):
    with open(path, encoding='utf-8') as f:
        return Machine(f.read(), os.path.basename(path))


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, name, why=''):
        self.count += 1
        print(f'{"" if good else "not "}ok {self.count} - {name}', flush=True)
        if not good:
            self.failed += 1
            for line in str(why).splitlines()[:60]:
                print('# ' + line)
        return good

    def schemas(self):
        """What was printed as JSON is what user/schema says."""
        with tempfile.TemporaryDirectory() as folder:
            for number, text in enumerate(PRINTED):
                with open(f'{folder}/{number}', 'w', encoding='utf-8') as file:
                    file.write(text)
            judge = subprocess.run([f'{HERE}/../schema/validate', folder], stdout=subprocess.PIPE, text=True,
                                   check=False)
        self.ok(judge.returncode == 0, 'all JSON is as the schemas say', judge.stdout)

    def done(self):
        if PRINTED:
            self.schemas()
        print(f'1..{self.count}')
        return 1 if self.failed else 0
