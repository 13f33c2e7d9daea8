# SPDX-License-Identifier: GPL-2.0-only
"""Every result of every task, one JSON object a line, into the file that FLEET_RESULTS names."""
import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
name: results
type: aggregate
short_description: results into a file
description: Every result of every task, one JSON object a line.
'''


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'results'

    def _keep(self, result, failed):
        with open(os.environ['FLEET_RESULTS'], 'a', encoding='utf-8') as f:
            f.write(json.dumps(dict(action=result._task.action, task=result._task.get_name(), failed=failed,
                                    result=result._result), default=str) + '\n')

    def v2_runner_on_ok(self, result):
        self._keep(result, False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._keep(result, True)
