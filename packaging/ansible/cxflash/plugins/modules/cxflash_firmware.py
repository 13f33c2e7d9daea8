#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
module: cxflash_firmware
short_description: The firmware of a ConnectX-2 or ConnectX-3 card, by policy or from a file
version_added: 1.0.0
description:
  - Burns the image that a policy names for the PSID of the card, or a given one, with C(cxflashctl burn). The card
    keeps its GUIDs, MACs, VSD and expansion ROM, and boots a valid image wherever the power is cut.
  - What the tool refuses is refused, in its words; I(flags) of the result tells which option would permit it.
  - Before a card is written, its backup (raw flash, image, ini, ROM, identity) is fetched to the controller and its
    checksums are proven there.
  - The write goes on when the connection is lost, and its outcome is fetched when the host is back within
    I(reconnect_timeout). If it is not, the host is unreachable, its record on the controller says what was in work, and
    the next run finishes it.
options:
  state:
    description:
      - C(present) burns the image, unless the active slot holds exactly its bytes.
      - C(restored) puts a backup back.
    type: str
    choices: [present, restored]
    default: present
  policy:
    description:
      - The policy file on the controller; the PSID of the card finds the image.
    type: path
  image:
    description:
      - One image instead of a policy, on the controller.
    type: path
  remote_src:
    description:
      - I(image) is a file of the host.
    type: bool
    default: false
  restore_from:
    description:
      - A backup on the controller, as an earlier run fetched it (C(backup) of the result), for I(state=restored).
      - By default the last one of this card in I(records).
    type: path
  part:
    description:
      - What of the backup is put back. C(all) is image and identity, C(dump) the whole raw flash.
    type: str
    choices: [all, image, identity, dump]
    default: all
  how:
    description:
      - C(beside) keeps the driver of the card running; new firmware runs after the next reset.
      - C(takeover) takes the card from its driver, and gives it back, which resets it.
      - By default what the policy says; without a policy a card that a driver holds is refused.
    type: str
    choices: [beside, takeover]
  rom:
    description:
      - The expansion ROM of the card, that of the image, or none. By default what the policy says, else the card's.
    type: str
    choices: [keep, image, none]
  allow_downgrade:
    description:
      - An older version than the card's may be burnt.
    type: bool
    default: false
  allow_psid_change:
    description:
      - An image of another board may be burnt. It takes I(consent) too. A policy never does this.
    type: bool
    default: false
  no_failsafe:
    description:
      - The card may be written although it has no second image to fall back to. It takes I(consent) too.
    type: bool
    default: false
  force:
    description:
      - Take the card although it is in use, and restore the backup of another card.
    type: bool
    default: false
  consent:
    description:
      - What a person would type at the tool's last question. It stands in for none of the options above.
    type: bool
    default: false
  backup:
    description:
      - Save the card on the controller before it is written.
    type: bool
    default: true
  records:
    description:
      - Folder on the controller for the backups and for what was done, by host. Relative to the playbook.
    type: path
    default: cxflash-records
  unknown_psid:
    description:
      - What a card is whose PSID is not on the policy, a failure or left alone.
    type: str
    choices: [fail, skip]
    default: fail
  missing_card:
    description:
      - What a host without such a card is, a failure or left alone.
    type: str
    choices: [fail, skip]
    default: fail
  store:
    description:
      - Folder on the host for images, named by their checksum, for writes in work, and for what the last one said.
    type: path
    default: /var/lib/cxflash/fleet
  stage:
    description:
      - The image stays on the host, in I(store), so that later runs need not transfer it. By default not in check mode.
    type: bool
  reconnect_timeout:
    description:
      - For how many seconds a host that is lost in a write is asked again.
    type: int
    default: 120
  phase:
    description:
      - One step of the whole, as the action plugin of the same name calls it on the host. Not for use in a playbook.
    type: str
    choices: [plan, backup, write, outcome]
  candidates:
    description:
      - The entries of the policy. Set by the action plugin.
    type: dict
  entry:
    description:
      - The image for this card. Set by the action plugin.
    type: dict
  upload:
    description:
      - The image as it was transferred. Set by the action plugin.
    type: path
  keep:
    description:
      - Whether the transferred image goes to I(store). Set by the action plugin.
    type: bool
    default: false
  job:
    description:
      - Name of this write. Set by the action plugin.
    type: str
extends_documentation_fragment:
  - cxflash.cxflash.cxflashctl
  - cxflash.cxflash.cxflashctl.card
attributes:
  check_mode:
    description: Can run in check mode; the tool's dry run predicts. Nothing is left on the host.
    support: full
  diff_mode:
    description: Tells what would differ.
    support: full
  async:
    description: Not supported; see I(reconnect_timeout).
    support: none
notes:
  - Where C(KillUserProcesses=yes) of logind.conf(5) ends what a closed session has left, it ends the write of a lost
    connection too, unless the user is root or C(loginctl enable-linger) was told of him. The card then boots one of its two
    images, and the next run finishes.
seealso:
  - module: cxflash.cxflash.cxflash_policy
  - module: cxflash.cxflash.cxflash_info
'''

EXAMPLES = r'''
- name: What the policy says, beside the running driver
  cxflash.cxflash.cxflash_firmware:
    card: '0000:04:00.0'
    policy: policy.yml

- name: One image, taken with a short outage
  cxflash.cxflash.cxflash_firmware:
    image: fw-ConnectX3-rel-2_42_5000.bin
    how: takeover
  register: burnt
  until: burnt is success or burnt.exit_status | default(0) != 4
  retries: 3

- name: Back to what was there
  cxflash.cxflash.cxflash_firmware:
    state: restored
    restore_from: "{{ burnt.backup }}"
    how: beside
'''

RETURN = r'''
card:
  description: The card.
  returned: when there is one
  type: str
psid:
  description: PSID of the card, as it was found.
  returned: when it could be read
  type: str
skipped_because:
  description: Why the card was left alone.
  returned: when it was
  type: str
exit_status:
  description: Exit status of the tool; 2 is nothing to do.
  returned: when the tool was run
  type: int
before:
  description: Firmware and PSID of the card before.
  returned: when known
  type: dict
  contains:
    version:
      description: Version of the firmware in the flash.
      type: str
      returned: always
    psid:
      description: PSID in the flash.
      type: str
      returned: always
after:
  description: Firmware and PSID of the card after, or as predicted in check mode.
  returned: when known
  type: dict
  contains:
    version:
      description: Version of the firmware in the flash.
      type: str
      returned: always
    psid:
      description: PSID in the flash.
      type: str
      returned: always
card_state:
  description: What the card holds; C(unchanged), C(old), C(new) or C(unknown).
  returned: when the tool told it
  type: str
restart_needed:
  description: Whether the new firmware still has to be loaded, by a reset of the card or a reboot.
  returned: success
  type: bool
flags:
  description: The options of the tool that would permit what it refused.
  returned: failure
  type: list
  elements: str
backup:
  description: Folder of the backup on the controller.
  returned: when one was made
  type: str
record:
  description: File on the controller that says what was done to this card, and when.
  returned: when the card was written
  type: str
verdict:
  description: What the tool found before it wrote.
  returned: when it came that far
  type: list
  elements: dict
notes:
  description: What the tool remarks.
  returned: when there are any
  type: list
  elements: str
answer:
  description: All that the tool said.
  returned: failure
  type: dict
'''

import base64
import errno
import fcntl
import os
import signal
import zlib

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cxflash.cxflash.plugins.module_utils.cxflashctl import (
    ABSENT, CARD_ARGS, DONE, NOTHING, Stop, Tool, device, lines, numbers, run_module)

# Runs the tool in a session of its own, so that a lost connection does not end it: $0 is the folder of the job. Whoever
# waits for its end waits for the lock, which it has inherited.
DETACHED = '''
exec >"$0/out" 2>"$0/err" </dev/null
: >"$0/begun"
"$@"
echo $? >"$0/status.new"
mv "$0/status.new" "$0/status"
'''

ARGS = dict(
    CARD_ARGS,
    state=dict(type='str', choices=['present', 'restored'], default='present'),
    policy=dict(type='path'),
    image=dict(type='path'),
    remote_src=dict(type='bool', default=False),
    restore_from=dict(type='path'),
    part=dict(type='str', choices=['all', 'image', 'identity', 'dump'], default='all'),
    how=dict(type='str', choices=['beside', 'takeover']),
    rom=dict(type='str', choices=['keep', 'image', 'none']),
    allow_downgrade=dict(type='bool', default=False),
    allow_psid_change=dict(type='bool', default=False),
    no_failsafe=dict(type='bool', default=False),
    force=dict(type='bool', default=False),
    consent=dict(type='bool', default=False),
    backup=dict(type='bool', default=True),
    records=dict(type='path', default='cxflash-records'),
    unknown_psid=dict(type='str', choices=['fail', 'skip'], default='fail'),
    missing_card=dict(type='str', choices=['fail', 'skip'], default='fail'),
    store=dict(type='path', default='/var/lib/cxflash/fleet'),
    stage=dict(type='bool'),
    reconnect_timeout=dict(type='int', default=120),
    phase=dict(type='str', choices=['plan', 'backup', 'write', 'outcome']),
    candidates=dict(type='dict'),
    entry=dict(type='dict'),
    upload=dict(type='path'),
    keep=dict(type='bool', default=False),
    job=dict(type='str'),
)
RULES = dict(
    mutually_exclusive=[('policy', 'image')],
    required_if=[('state', 'present', ('policy', 'image'), True)],
)


def is_file(card):
    return (card or '').startswith('file:')


def make_folder(path):
    try:
        os.makedirs(path, 0o700)
    except OSError as why:
        if why.errno != errno.EEXIST:
            raise


def remove_folder(path):
    for name in os.listdir(path):
        os.unlink(os.path.join(path, name))
    os.rmdir(path)


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except (IOError, OSError) as why:
        if why.errno != errno.ENOENT:
            raise
        return None


class Card(object):
    """One phase on one card."""

    def __init__(self, module):
        self.module = module
        self.params = module.params
        self.tool = Tool(module)
        self.name = module.params['card']
        self.restoring = module.params['state'] == 'restored'
        self.attached = False
        self.result = dict(changed=False, restart_needed=False)

    def run(self):
        """A phase; a card that it has attached is given back whatever happens."""
        try:
            return getattr(self, self.params['phase'])()
        finally:
            if self.attached:
                answer = self.tool.run('detach', *device(self.name))
                if answer.status not in (DONE, NOTHING):
                    self.tool.fail(answer, **self.result)

    def stop(self, why, **result):
        raise Stop(True, msg=why, **dict(self.result, **result))

    def leave(self, **result):
        raise Stop(False, **dict(self.result, **result))

    # ---- which card ----

    def look(self):
        """A policy goes by the PSID of the card."""
        answer = self.tool.run('query', '--quick', *device(self.name))
        if answer.status == ABSENT and self.is_free():
            self.attach('beside')
            answer = self.tool.run('query', '--quick', *device(self.name))
        if answer.status == ABSENT and self.params['missing_card'] == 'skip':
            self.leave(skipped_because=answer.error)
        if answer.status == ABSENT:
            self.tool.fail(answer, **self.result)
        self.result['card'] = self.name or answer.result.get('card')
        if answer.status == DONE and answer.result.get('psid') not in (None, '', 'none'):
            self.result['psid'] = answer.result['psid']
        return answer.error if answer.status else 'it has none'

    def is_free(self):
        """Is it a card that neither a driver nor cxflash has?"""
        if is_file(self.name):
            return False
        cards = self.tool.run('list').result.get('cards', [])
        return any(c['state'] == 'free' for c in cards if self.name in (None, c['card'], c['card'][5:]))

    def attach(self, how):
        """What reads or restores a card that its driver has takes cxflash beside it, or instead of it."""
        if not how or is_file(self.name):
            return
        force = ['--force'] if self.params['force'] and how == 'takeover' else []
        answer = self.tool.run('attach', '--' + how, *force + device(self.name))
        if answer.status not in (DONE, NOTHING):
            self.tool.fail(answer, **self.result)
        self.attached |= answer.status == DONE

    # ---- which image ----

    def choose(self, no_psid):
        """The image that was given, or the one that the policy has for this PSID."""
        if self.params['entry']:
            return self.params['entry']
        candidates = self.params['candidates'] or {}
        psid = self.result.get('psid')
        if psid in candidates:
            return candidates[psid]
        if not psid:
            self.stop('%s: no PSID, by which a policy finds an image (%s); image: and restore_from: do without one'
                      % (self.result['card'], no_psid))
        why = '%s: PSID %s is not on the policy' % (self.result['card'], psid)
        if self.params['unknown_psid'] == 'skip':
            self.leave(skipped_because=why)
        self.stop(why)

    def image_path(self, entry):
        """The image on this host, proven by its checksum; the controller is asked for it where it is missing."""
        if 'sha256' not in entry:
            return entry['path']
        stored = os.path.join(self.params['store'], entry['sha256'] + '.bin')
        if os.path.exists(stored) and self.module.sha256(stored) == entry['sha256']:
            return stored
        upload = self.params['upload']
        if not upload:
            self.leave(need=entry)
        found = self.module.sha256(upload)
        if found != entry['sha256']:
            self.stop('%s arrived with SHA-256 %s instead of %s; nothing was written'
                      % (entry['path'], found, entry['sha256']))
        if not self.params['keep']:
            return upload
        make_folder(self.params['store'])
        self.module.atomic_move(upload, stored)
        return stored

    # ---- the command ----

    def how(self, entry):
        return self.params['how'] or entry.get('how')

    def permits(self, entry):
        """Options of burn for what the task and the policy permit."""
        p = self.params
        rom = p['rom'] or entry.get('rom')
        words = ['--rom', rom] if rom else []
        if p['allow_downgrade'] or entry.get('allow_downgrade'):
            words.append('--allow-downgrade')
        if p['allow_psid_change']:
            words.append('--allow-psid-change')
        if p['consent']:
            words.append('--yes')
        return words

    def command(self, entry, path, dry):
        p = self.params
        words = ['--dry-run'] if dry else ['--no-backup']
        if p['no_failsafe']:
            words.append('--no-failsafe')
        if p['force']:
            words.append('--force')
        if self.restoring:
            part = [] if p['part'] == 'all' else ['--' + p['part']]
            return ['restore', '--yes'] + words + part + device(self.name) + [path]
        how = self.how(entry)
        if how and not is_file(self.name):
            # A dry run takes no card from its driver.
            words.append('--beside' if dry else '--' + how)
        return ['burn'] + words + self.permits(entry) + device(self.name) + [path]

    # ---- phases ----

    def plan(self):
        no_psid = self.look()
        if self.restoring and not self.params['upload']:
            self.leave(need={})
        entry = {} if self.restoring else self.choose(no_psid)
        path = self.params['upload'] if self.restoring else self.image_path(entry)
        if self.restoring:
            self.attach('beside' if self.how(entry) else None)
        self.tell(self.tool.run(*self.command(entry, path, True)), entry)
        return dict(self.result, plan=dict(entry=entry, path=path))

    def backup(self):
        """The tool's backup, as text that a result can carry."""
        self.attach('beside' if self.how(self.params['entry'] or {}) else None)
        answer = self.tool.run('backup', *device(self.name))
        if answer.status:
            self.tool.fail(answer, **self.result)
        folder = answer.result['backup']
        files = {}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), 'rb') as f:
                files[name] = base64.b64encode(zlib.compress(f.read())).decode('ascii')
        return dict(self.result, folder=folder, files=files)

    def job(self, name=''):
        return os.path.join(self.params['store'], 'job-' + self.params['job'], name)

    def claim(self, folder):
        """The job is that of whoever comes first: the write, or the question for an outcome that never will be."""
        try:
            os.rename(folder, self.job().rstrip('/'))
        except OSError as why:
            if why.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            remove_folder(folder)
            return False
        return True

    def write(self):
        # Where the connection had a terminal, its end is a signal: the card is still to be given back.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        entry = self.params['entry'] or {}
        if self.restoring:
            self.attach(self.how(entry))
        self.clear_jobs()
        new = self.job().rstrip('/') + '.new'
        make_folder(new)
        command = self.tool.command(*self.command(entry, self.params['upload'], False))
        with open(os.path.join(new, 'lock'), 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.claim(new):
                self.stop('the controller had given this write up before it began; nothing was written')
            self.module.run_command(['setsid', '-f', 'sh', '-c', DETACHED, self.job()] + command, check_rc=True,
                                    pass_fds=[lock.fileno()], environ_update=dict(LC_ALL='C'))
        return self.outcome()

    def clear_jobs(self):
        """Of writes that have ended. Until then their outcome stays, as nobody knows who has read it: a waiter whose
        connection is dead waits on, and what it says goes nowhere."""
        store = self.params['store']
        for job in os.listdir(store) if os.path.isdir(store) else []:
            if job.startswith('job-') and job != 'job-' + self.params['job']:
                with open(os.path.join(store, job, 'lock'), 'a') as lock:
                    if self.is_held(lock):
                        continue
                remove_folder(os.path.join(store, job))

    @staticmethod
    def is_held(lock):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (IOError, OSError) as why:
            if why.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            return True
        return False

    def outcome(self):
        """What the detached tool said, when it has ended; also for whoever comes back after a lost connection."""
        # A host may be so slow that the write comes only now; then it finds its place taken.
        never = self.job().rstrip('/') + '.never'
        make_folder(never)
        open(os.path.join(never, 'lock'), 'w').close()
        if self.claim(never):
            self.stop('the write had not begun when the host was lost; nothing was written', begun=False)
        with open(self.job('lock'), 'a') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
        status, stdout, stderr = [read(self.job(name)) for name in ('status', 'out', 'err')]
        if not os.path.exists(self.job('begun')):
            self.stop('the tool did not start; nothing was written', begun=False)
        if status is None:
            self.stop('the write was cut off; the card boots one of its two images, and the same task again finishes it',
                      cut_off=True)
        answer = self.tool.read([self.tool.path], int(status), stdout, stderr)
        self.tell(answer, self.params['entry'] or {})
        return self.result

    # ---- what came of it ----

    def tell(self, answer, entry):
        a = answer.result
        for key in ('verdict', 'notes', 'card_state'):
            if key in a:
                self.result[key] = a[key]
        for side, name in (('before', 'old'), ('after', 'new')):
            if a.get(name + '_version'):
                self.result[side] = dict(version=a[name + '_version'], psid=a.get(name + '_psid', ''))
        if answer.status not in (DONE, NOTHING):
            self.tool.fail(answer, **self.result)
        self.result['exit_status'] = answer.status
        self.result['changed'] = answer.status == DONE
        if answer.status == DONE:
            runs = numbers(a.get('fw_version_running'))
            would_run = a.get('dry_run') and self.how(entry) == 'takeover'
            self.result['restart_needed'] = not would_run and (runs is None or runs != numbers(a.get('new_version')))
        if self.module._diff:
            self.result['diff'] = self.diff(a)

    def diff(self, a):
        """Firmware, PSID and the keys of the ini, one a line."""
        side = {}
        for which, name, key in (('before', 'old', 'a'), ('after', 'new', 'b')):
            fields = dict((d['section'] + '.' + d['key'], d.get(key)) for d in a.get('ini_differences', []))
            side[which] = lines(firmware=a.get(name + '_version'), psid=a.get(name + '_psid'), **fields)
        if not self.result['changed']:
            side['after'] = side['before']
        return dict(side, before_header='%s, as it is' % self.result.get('card'),
                    after_header='%s, after the burn' % self.result.get('card'))


def main():
    module = AnsibleModule(argument_spec=ARGS, supports_check_mode=True, **RULES)
    if not module.params['phase']:
        module.fail_json(msg='this module is driven by the action plugin of its collection, which was not used')
    if module.check_mode and module.params['phase'] != 'plan':
        module.fail_json(msg='%s in check mode' % module.params['phase'])
    run_module(module, Card(module).run)


if __name__ == '__main__':
    main()
