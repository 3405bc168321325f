// SPDX-License-Identifier: Apache-2.0
// SERVICE WORKER. The one program of ours that runs in a browser, with a line that registers it.
//
//   navigation ──▶ network ──▶ page, as always
//                     │            └─ a public one: its copy for strangers is fetched WITHOUT
//                     ▼               cookies, and kept
//                  no network ──▶ the copy, with the time when it was seen ─or─▶ /offline
//
// Invariants
// - Nothing personal is ever kept: a copy is asked for without cookies, and is kept only where the
//   server says that it was drawn for nobody (`Tanpuhui-Offline: keep`, set by `Site.finish` for
//   the pages of `Routes.kept`).
// - Logging out takes away all copies too: a phone's next user does not see what was read.
// - The console and the API are left alone.
// - Pages come from the network whenever there is one; so a new version needs no question: it takes
//   over at once, and clears the older one's files away.

enum ServiceWorker {
  /// Registers the worker where a browser knows what that is; WeChat's on iPhones does not.
  static let registration = """
    // SPDX-License-Identifier: Apache-2.0
    if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => {});
    """

  static func text(_ versions: AssetVersions) -> String {
    """
    // SPDX-License-Identifier: Apache-2.0
    'use strict';
    const FILES = ['/assets/bootstrap.min.css?v=\(versions.bootstrap)',
      '/assets/tanpuhui.css?v=\(versions.own)', '/assets/app.js?v=\(versions.app)',
      '/assets/icon.svg', '/offline?lang=zh', '/offline?lang=en'];
    const SHELL = 'shell-\(versions.own)-\(versions.bootstrap)-\(versions.worker)';

    """ + program
  }

  static let program = #"""
    const PAGES = 'pages', MOST = 40, FRESH = 600000;

    self.addEventListener('install', event => event.waitUntil((async () => {
      const shell = await caches.open(SHELL);
      for (const file of FILES) {
        const answer = await fetch(file, {credentials: 'omit', cache: 'no-cache'});
        if (answer.ok) await shell.put(file, answer);
      }
      await self.skipWaiting();
    })()));

    self.addEventListener('activate', event => event.waitUntil((async () => {
      for (const name of await caches.keys())
        if (name !== SHELL && name !== PAGES) await caches.delete(name);
      await self.clients.claim();
    })()));

    self.addEventListener('fetch', event => {
      const request = event.request, url = new URL(request.url);
      if (url.origin !== location.origin || /^\/(console|api)(\/|$)/.test(url.pathname)) return;
      if (request.method === 'POST' && url.pathname === '/logout')
        return event.waitUntil(caches.delete(PAGES));
      if (request.method !== 'GET') return;
      if (url.pathname.startsWith('/assets/')) return event.respondWith(file(request));
      if (request.mode === 'navigate') event.respondWith(visit(event, url));
    });

    async function file(request) {
      return (await (await caches.open(SHELL)).match(request)) || fetch(request);
    }

    async function visit(event, url) {
      let answer;
      try { answer = await fetch(event.request); } catch (error) { return offline(url); }
      const mark = answer.headers.get('Tanpuhui-Offline');
      if (mark) event.waitUntil(keep(url, mark));
      return answer;
    }

    // The mark: "keep" (drawn for nobody) or "ask" (drawn for somebody), language, size of letters.
    async function keep(url, mark) {
      const [, language, size] = mark.split(' ');
      const pages = await caches.open(PAGES);
      await pages.put('/offline/settings', new Response(language + ' ' + size));
      const address = new URL(url);
      address.hash = '';
      address.searchParams.set('lang', language);
      const old = await pages.match(address.href);
      if (old && Date.now() - Date.parse(old.headers.get('Tanpuhui-Seen')) < FRESH) return;
      const copy = await fetch(address.href, {credentials: 'omit', cache: 'no-store'});
      if (!copy.ok || !(copy.headers.get('Tanpuhui-Offline') || '').startsWith('keep ')) return;
      await pages.put(address.href, new Response(await copy.text(), {headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': copy.headers.get('Content-Security-Policy'),
        'Tanpuhui-Seen': new Date().toISOString()}}));
      const kept = (await pages.keys()).filter(key => !key.url.endsWith('/offline/settings'));
      for (const key of kept.slice(0, Math.max(0, kept.length - MOST))) await pages.delete(key);
    }

    function clock(iso) {
      const time = new Date(iso), two = number => String(number).padStart(2, '0');
      return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ` +
        `${two(time.getHours())}:${two(time.getMinutes())}`;
    }

    async function offline(url) {
      const pages = await caches.open(PAGES), shell = await caches.open(SHELL);
      const settings = await pages.match('/offline/settings');
      const [language, size] = settings ? (await settings.text()).split(' ') : ['zh', 'normal'];
      const address = new URL(url);
      address.hash = '';
      address.searchParams.set('lang', language);
      const copy = await pages.match(address.href);
      let page;
      if (copy) {
        const time = clock(copy.headers.get('Tanpuhui-Seen'));
        const note = `<div class="note1" role="status"><p lang="zh-CN">没有网络。这是 ${time} ` +
          `看到的内容。</p><p lang="en">No network. This is what was seen at ${time}.</p></div>`;
        page = (await copy.text()).replace(/<main [^>]*>/, start => start + note);
      } else {
        const blank = await shell.match('/offline?lang=' + language);
        if (!blank) return Response.error();
        page = (await blank.text()).replace('<!--kept-->', await list(pages, language));
      }
      if (size === 'large') page = page.replace('<html ', '<html class="large" ');
      return new Response(page, {headers: {'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; style-src 'self'; img-src 'self' data:; " +
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; script-src 'self'"}});
    }

    async function list(pages, language) {
      const lines = [];
      for (const key of (await pages.keys()).reverse()) {
        const address = new URL(key.url);
        if (address.searchParams.get('lang') !== language) continue;
        const copy = await pages.match(key), text = await copy.text();
        const title = (text.match(/<title>([^<]*)<\/title>/) || ['', ''])[1];
        address.searchParams.delete('lang');
        const path = (address.pathname + address.search).replace(/&/g, '&amp;')
          .replace(/"/g, '&quot;').replace(/</g, '&lt;');
        lines.push(`<li><a class="entry" href="${path}"><span>${title}</span><span class="soft">` +
          `${clock(copy.headers.get('Tanpuhui-Seen'))}</span></a></li>`);
      }
      return lines.length ? `<ul class="list">${lines.join('')}</ul>`
        : '<p lang="zh-CN">还没有看过公开页面。</p><p lang="en">No public page was seen yet.</p>';
    }
    """#
}
