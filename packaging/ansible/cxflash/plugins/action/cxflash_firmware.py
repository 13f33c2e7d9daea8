# Copyright: 2026 the cxflash authors
# GNU General Public License v3.0 or later (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's half of cxflash_firmware: policy, images, backups, and what to do when a host is lost."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import base64
import hashlib
import json
import os
import re
import time
import uuid
import zlib

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.cxflash.cxflash.plugins.module_utils import policy

SUMS = 'SHA256SUMS'
ASK_AGAIN = 2  # seconds between two looks for a lost host


class Ended(Exception):
    """The result of the task is known."""

    def __init__(self, result):
        Exception.__init__(self)
        self.result = result


def failed(msg, **result):
    return Ended(dict(result, failed=True, msg=msg))


def now():
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())


def file_name(text):
    return re.sub(r'[^A-Za-z0-9_.-]+', '-', text).strip('-.')


def write_file(path, data):
    """Whole or not at all, as a record is read by others."""
    new = '%s.%d' % (path, os.getpid())
    with open(new, 'wb') as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    os.rename(new, path)


class Record(object):
    """What was done to a card, on the controller: its last line says how it ended, or that it did not."""

    def __init__(self, folder, host, card):
        self.folder = os.path.join(folder, file_name(host))
        self.card_folder = os.path.join(self.folder, file_name(card))
        self.path = self.card_folder + '.json'
        self.told = dict(host=host, card=card)

    def tell(self, state, **more):
        """state: writing, done, failed, lost or cut off"""
        if not os.path.isdir(self.folder):
            os.makedirs(self.folder, 0o700)
        self.told.update(more, state=state, time=now())
        write_file(self.path, (json.dumps(self.told, indent=1, sort_keys=True) + '\n').encode('utf-8'))

    def last_backup(self):
        try:
            with open(self.path) as f:
                folder = json.load(f).get('backup')
        except (IOError, OSError, ValueError) as why:
            raise failed('%s: no record of %s, so restore_from has to name a backup: %s'
                         % (self.told['host'], self.told['card'], why))
        if not folder:
            raise failed('%s: the last write was made without a backup' % self.path)
        return folder

    def save(self, files):
        """The files of a backup, proven by its checksums; the folder they are in."""
        sums = dict(reversed(line.split(None, 1)) for line in
                    zlib.decompress(base64.b64decode(files[SUMS])).decode('utf-8').splitlines())
        folder = os.path.join(self.card_folder, time.strftime('%Y-%m-%d-%H%M%S', time.gmtime()))
        os.makedirs(folder, 0o700)
        for name, text in files.items():
            data = zlib.decompress(base64.b64decode(text))
            if name != SUMS and hashlib.sha256(data).hexdigest() != sums.pop(name, None):
                raise failed('the backup is damaged: %s is not what %s says; nothing was written' % (name, SUMS))
            write_file(os.path.join(folder, os.path.basename(name)), data)
        if sums:
            raise failed('the backup is incomplete, without %s; nothing was written' % ', '.join(sorted(sums)))
        return folder


class ActionModule(ActionBase):

    def run(self, tmp=None, task_vars=None):
        result = super(ActionModule, self).run(tmp, task_vars)
        self.task_vars = task_vars or {}
        self.restored_from = None
        self.args = dict((k, v) for k, v in self._task.args.items() if v is not None)
        try:
            result.update(self.work())
        except Ended as end:
            result.update(end.result)
        return result

    def cleanup(self, force=False):
        """Whoever fails to remove a folder of a lost host ends the task with a failure, instead of a lost host."""
        try:
            super(ActionModule, self).cleanup(force)
        except AnsibleConnectionFailure:
            self._connection._shell.tmpdir = None

    # ---- on the host ----

    def phase(self, name, **more):
        """One phase of the module on the host."""
        result = self._execute_module('cxflash.cxflash.cxflash_firmware', dict(self.args, phase=name, **more),
                                      task_vars=self.task_vars)
        if result.get('failed'):
            raise Ended(result)
        return result

    def upload(self, files):
        """Files of the controller, in a folder of the host that goes with the task."""
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        tmp = self._connection._shell.tmpdir
        there = [self._transfer_file(path, self._connection._shell.join_path(tmp, os.path.basename(path)))
                 for path in files]
        self._fixup_perms2([tmp] + there)
        return there

    def path(self, name, default=None):
        """A file of the controller that the task names."""
        return self._loader.path_dwim(self.args.get(name, default))

    def boolean(self, name, default):
        return boolean(self.args.get(name, default))

    # ---- the whole ----

    def work(self):
        if self.args.get('state') != 'restored' and not self.args.get('policy') and not self.args.get('image'):
            return self.phase('plan')  # whose check of the arguments says what is missing
        plan = self.plan()
        planned = plan.pop('plan', None)
        if self._task.check_mode or not plan.get('changed'):
            return plan
        what = dict(entry=planned['entry'])
        record = self.record(plan['card'])
        told = dict((key, plan.get(key)) for key in ('psid', 'before', 'after'))
        saved = record.save(self.phase('backup', **what)['files']) if self.boolean('backup', True) else None
        # What was put back stays what the next rollback puts back; so a second one finds nothing to do.
        told['backup'] = self.restored_from or saved
        record.tell('writing', **told)
        written = self.write(record, dict(what, upload=planned['path'], job=uuid.uuid4().hex))
        record.tell('done', restart_needed=written['restart_needed'])
        result = dict(plan, **written)
        result.pop('invocation', None)
        if saved:
            result['backup'] = saved
        return dict(result, record=record.path)

    def record(self, card):
        return Record(self.path('records', 'cxflash-records'), self.task_vars['inventory_hostname'], card)

    # ---- plan ----

    def plan(self):
        """The dry run, when the host has what it needs for it."""
        if self.args.get('state') == 'restored':
            return self.plan_restore()
        more = {}
        try:
            if self.args.get('policy'):
                more['candidates'] = policy.load(self.path('policy'))
            elif self.boolean('remote_src', False):
                more['entry'] = dict(path=self.args['image'])
            else:
                path = self.path('image')
                more['entry'] = dict(path=path, sha256=policy.sha256(path))
            plan = self.phase('plan', **more)
            if 'need' not in plan:
                return plan
            # In check mode the image goes with the task again.
            policy.check_sum(plan['need'])
        except policy.PolicyError as why:
            raise failed(str(why))
        except (IOError, OSError) as why:
            raise failed('%s: %s' % (self.args['image'], why.strerror))
        keep = self.boolean('stage', not self._task.check_mode)
        return self.phase('plan', upload=self.upload([plan['need']['path']])[0], keep=keep, **more)

    def plan_restore(self):
        plan = self.phase('plan')
        if 'need' not in plan:
            return plan
        folder = self.path('restore_from') if 'restore_from' in self.args else self.record(plan['card']).last_backup()
        if not os.path.isfile(os.path.join(folder, SUMS)):
            raise failed('%s is no backup: it has no %s' % (folder, SUMS))
        self.restored_from = folder
        there = self.upload([os.path.join(folder, name) for name in sorted(os.listdir(folder))])
        return self.phase('plan', upload=os.path.dirname(there[0]))

    # ---- write ----

    def write(self, record, what):
        """The write, and where the host is lost in it, its outcome when it is back."""
        try:
            return self.phase('write', **what)
        except Ended as end:
            self.tell_end(record, end.result)
            raise
        except AnsibleConnectionFailure as why:
            return self.come_back(record, what, why)

    def tell_end(self, record, result):
        state = 'cut off' if result.get('cut_off') else 'failed'
        record.tell(state, message=result.get('msg'), card_state=result.get('card_state'))

    def come_back(self, record, what, why):
        record.tell('lost', message=str(why))
        until = time.time() + int(self.args.get('reconnect_timeout', 120))
        while True:
            time.sleep(ASK_AGAIN)
            self._connection.reset()
            try:
                return self.phase('outcome', **what)
            except Ended as end:
                self.tell_end(record, end.result)
                raise
            except AnsibleConnectionFailure as again:
                if time.time() > until:
                    told = record.told
                    raise AnsibleConnectionFailure(
                        'lost while %s was being written (%s to %s): %s; it was in work, and the same task finishes it '
                        'when the host is back' % (told['card'], (told['before'] or {}).get('version'),
                                                   (told['after'] or {}).get('version'), again))
