# SPDX-License-Identifier: GPL-2.0-only
"""page.py COLLECTION SHOTS: a made-up fleet's report.html, as a browser without a network shows it; TAP."""
import os
import sys
import traceback

from ansible_collections.cxflash.cxflash.plugins.module_utils import report
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

HOSTS = 120
collection, shots = sys.argv[1:]


def card(i, **more):
    base = 0x0002c90300010000 + i * 16
    return dict(dict(
        card='0000:04:00.0', chip='ConnectX-3 Pro, revision 00', psid='MT_1090120019', driver='mlx4_core', state='in use',
        interfaces='ens4 mlx4_0', in_flash='2.42.5000', running='2.42.5000', restart_needed=False, identity='own',
        board=dict(vendor='Mellanox', name='MCX354A-FCBT', newest_firmware='2.42.5000'), vsd='rack %d' % (i // 10),
        guids=dict(node='%016x' % base, port1='%016x' % (base + 1), port2='%016x' % (base + 2), sys_image='%016x' % (base + 3)),
        macs=dict(port1='%012x' % (base & 0xffffff), port2='%012x' % ((base & 0xffffff) + 1)), notes=[],
        roms=[dict(type='PXE', version='3.4.752')],
        slots=[dict(start=0, state='good', active=True, fw_version='2.42.5000')]), **more)


def fleet():
    """Hosts, records, and the report before this one."""
    hosts = {}
    for i in range(1, HOSTS + 1):
        hosts['fs%03d' % i] = dict(cards=[card(i)], outcomes=[], checks=[
            dict(verdict='ready' if i % 4 else 'not-ready', services=['nfs'], ready=bool(i % 4),
                 first=None if i % 4 else 'apt install opensm')])
    odd = {
        'fs002': dict(in_flash='2.9.1000', running='2.9.1000'),
        'fs003': dict(running='2.40.5030', restart_needed=True),
        'fs005': dict(psid='XXX0000000001', board=None),
        'fs007': dict(identity='release'),
        'fs009': dict(state='flash recovery', error='0000:04:00.0: no firmware image', in_flash=None, running=None),
        'fs011': dict(guids=card(10)['guids']),
        'fs013': dict(vsd='</script><img src=x onerror=alert(1)>'),
    }
    for name, more in odd.items():
        hosts[name]['cards'] = [card(int(name[2:]), **more)]
    hosts['fs015']['cards'].append(card(9999, card='0000:05:00.0', in_flash='2.10.720', running='2.10.720'))
    hosts['fs020']['cards'] = []
    records = {('fs002', '0000:04:00.0'): dict(state='done', time='2026-11-28T02:00:00Z', before=dict(version='2.7.700'),
                                               after=dict(version='2.9.1000'), backup='/srv/records/fs002')}
    before = report.build(dict(hosts), POLICY, records, None, '2026-11-28T03:00:00Z')
    hosts['fs030'] = None
    records['fs030', '0000:04:00.0'] = dict(state='lost', time='2026-11-29T02:00:00Z', before=dict(version='2.40.5030'),
                                            after=dict(version='2.42.5000'), message='timed out')
    return report.build(hosts, POLICY, records, before, '2026-11-29T03:00:00Z')


POLICY = dict(MT_1090120019=dict(version='2.42.5000'))


class Page:

    def __init__(self, path):
        options = webdriver.ChromeOptions()
        for word in ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1600,1000',
                     '--host-resolver-rules=MAP * ~NOTFOUND'):
            options.add_argument(word)
        options.binary_location = '/usr/bin/chromium'
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
        self.driver = webdriver.Chrome(options=options, service=Service('/usr/bin/chromedriver'))
        self.driver.set_page_load_timeout(600)
        self.driver.get('file://' + path)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def column(self, n):
        return self.driver.execute_script(
            'return [...document.querySelectorAll("#cards tbody tr:not(.more)")].map(r => r.cells[arguments[0]].innerText)', n)

    def open_details(self):
        """Of the first card: their text, and whether all of it is to be seen."""
        self.all('#cards details summary')[0].click()
        pre = WebDriverWait(self.driver, 600).until(lambda _: [p for p in self.all('#cards .more pre') if p.is_displayed()])[0]
        box = self.driver.execute_script('return arguments[0].getBoundingClientRect().toJSON()', pre)
        width = self.driver.execute_script('return innerWidth')
        return pre.text, 0 <= box['left'] and box['right'] <= width and pre.size['height'] < 500

    def sort(self, name):
        next(b for b in self.all('#cards th button') if b.text == name).click()

    def tile(self, words):
        next(b for b in self.all('#tiles button') if words in b.text).click()

    def find(self, text):
        self.driver.execute_script('const f = document.getElementById("find"); f.value = arguments[0];'
                                   'f.dispatchEvent(new Event("input"))', text)

    def shot(self, name):
        self.driver.save_screenshot(os.path.join(shots, name + '.png'))


def shows_all(page):
    assert len(page.column(0)) == HOSTS, len(page.column(0))  # one host has none, one has two
    assert '120 hosts' in page.driver.find_element(By.ID, 'about').text
    hidden = page.driver.execute_script(
        'const t = document.querySelector(".scroll"); return t.scrollWidth - t.clientWidth')
    assert hidden <= 0, '%d columns of pixels are hidden on a screen of 1600' % hidden


def gravest_first(page):
    assert page.column(0)[:3] == ['fs030', 'fs009', 'fs007'] or set(page.column(0)[:2]) == {'fs009', 'fs030'}, page.column(0)[:5]
    page.shot('all')


def sorts_versions(page):
    page.sort('In flash')
    got = page.column(6)
    assert got[:3] == ['2.9.1000', '2.10.720', '2.42.5000'] and got[-1] == '\u2013', (got[:3], got[-1])
    page.sort('In flash')
    got = page.column(6)
    assert got[0] == '2.42.5000' and got[-2:] == ['2.9.1000', '\u2013'], got[-3:]
    assert [th.get_attribute('aria-sort') for th in page.all('#cards th')].count('descending') == 1


def every_column_sorts(page):
    for button in page.all('#cards th button'):
        button.click()
        assert len(page.column(0)) == HOSTS


def filters(page):
    for words, hosts in (('out of date', {'fs002', 'fs015'}), ('runs other', {'fs003'}), ('duplicate', {'fs010', 'fs011'}),
                         ('numbers of a release', {'fs007'}), ('unknown board', {'fs005'}), ('flash recovery', {'fs009'}),
                         ('unreachable', {'fs030'}), ('in work', {'fs030'})):
        page.tile(words)
        assert set(page.column(0)) == hosts, (words, page.column(0))
        page.tile(words)
    page.find('xxx0000000001')
    assert page.column(0) == ['fs005']
    page.find('')
    Select(page.driver.find_element(By.ID, 'service')).select_by_value('nfs')
    assert len(page.column(0)) == HOSTS, len(page.column(0))
    Select(page.driver.find_element(By.ID, 'service')).select_by_value('')


def tells(page):
    page.find('fs030')
    assert 'lost 2.40.5030 \u2192 2.42.5000' in page.column(10)[0], page.column(10)
    page.find('fs002')
    text, seen = page.open_details()
    page.shot('details')
    assert 'Backup: /srv/records/fs002' in text and 'PXE 3.4.752' in text, text
    assert seen, 'the details are cut off'
    page.find('')
    doubles = page.driver.find_element(By.ID, 'doubles').text
    assert 'fs010 0000:04:00.0, fs011 0000:04:00.0' in doubles, doubles
    assert 'fs020' in page.driver.find_element(By.ID, 'others').text


def harmless(page):
    assert not page.all('img')
    page.find('fs013')
    assert '</script><img src=x onerror=alert(1)>' in page.open_details()[0]
    page.find('')


def quiet(page):
    log = [entry for entry in page.driver.get_log('browser') if entry['level'] != 'DEBUG']
    assert not log, log
    fetched = page.driver.execute_script('return performance.getEntriesByType("resource").map(e => e.name)')
    assert not [name for name in fetched if not name.startswith('data:')], fetched


def dark_and_narrow(page):
    page.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [{'name': 'prefers-color-scheme', 'value': 'dark'}]})
    page.driver.set_window_size(500, 900)
    page.shot('dark')
    wide = page.driver.execute_script('return document.documentElement.scrollWidth > innerWidth')
    assert not wide, 'the page itself scrolls sideways'


path = os.path.join(os.getcwd(), 'report.html')
with open(os.path.join(collection, 'roles/cxflash/files/report.html'), encoding='utf-8') as f:
    template = f.read()
with open(path, 'w', encoding='utf-8') as f:
    f.write(report.to_html(fleet(), template))
tests = [shows_all, gravest_first, sorts_versions, every_column_sorts, filters, tells, harmless, dark_and_narrow, quiet]
page = Page(path)
failures = 0
for number, test in enumerate(tests, 1):
    try:
        test(page)
        print('ok %d - page: %s' % (number, test.__name__.replace('_', ' ')))
    except Exception:  # a test that could not go on has failed, whatever it was
        failures += 1
        print('not ok %d - page: %s' % (number, test.__name__.replace('_', ' ')))
        print(''.join('# %s\n' % line for line in traceback.format_exc().splitlines()[-6:]), end='')
page.driver.quit()
print('1..%d' % len(tests))
sys.exit(failures != 0)
