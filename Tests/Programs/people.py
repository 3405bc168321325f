# SPDX-License-Identifier: Apache-2.0
"""People, whole: login codes sent by HTTP, an identity server, and a person who closes the account.

    Visitor ──cookies, forms──▶ tanpuhui serve ──signed POST──▶ Receiver (here)
                                      └──discovery, token, keys──▶ oidc-provider-mock (a process)

What is left of a person is looked for in every byte of the data folder and on every page.
"""

import base64
import collections
import gzip
import hashlib
import hmac
import html
import http.cookiejar
import http.server
import json
import os
import re
import struct
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

SECRET = "a secret of the operator's"
Page = collections.namedtuple("Page", "status headers text url")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Visitor:
    """A browser without pictures: cookies, forms, redirects on demand."""

    def __init__(self, base):
        self.base = base
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), NoRedirect)
        self.token = ""

    def ask(self, path, fields=None, follow=False):
        url = urllib.parse.urljoin(self.base, path)
        body = None
        if fields is not None:
            body = urllib.parse.urlencode({**fields, "csrf": self.token}).encode()
        try:
            reply = self.opener.open(urllib.request.Request(url, body), timeout=60)
        except urllib.error.HTTPError as error:
            reply = error
        text = reply.read().decode(errors="replace")
        found = re.search('name="csrf" value="([^"]*)"', text)
        if found:
            self.token = found[1]
        page = Page(reply.status, reply.headers, text, url)
        if follow and page.status in (302, 303):
            return self.ask(urllib.parse.urljoin(url, page.headers["Location"]), follow=True)
        return page

    def log_in(self, phone):
        """By the code that a development server shows."""
        self.ask("/login")
        page = self.ask("/login", {"phone": phone, "agree": "yes", "next": "/chengdu/me"})
        code = re.search(r'dev-code">(\d{6})<', page.text)[1]
        return self.ask("/login/code", {"phone": phone, "code": code, "next": "/chengdu/me"})


class Receiver:
    """What a city runs to send messages: checks the signature, and answers as it is told."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.letters = []
        self.faults = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = dict(part.split("=") for part in
                              self.headers["Tanpuhui-Signature"].split(","))
                expected = hmac.new(
                    SECRET.encode(), signed["t"].encode() + b"." + body, hashlib.sha256)
                if not hmac.compare_digest(expected.hexdigest(), signed["v1"]):
                    outer.faults.append("a wrong signature")
                if abs(time.time() - int(signed["t"])) > 60:
                    outer.faults.append("an old signature")
                outer.letters.append(json.loads(body))
                answer = outer.answers.pop(0) if outer.answers else 200
                if answer is None:
                    time.sleep(7)
                    answer = 200
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/send?key=of-the-path"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def one_time_code(secret, moment=None):
    """RFC 6238, written down anew."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    step = struct.pack(">Q", int((moment or time.time()) // 30))
    tag = hmac.new(key, step, hashlib.sha1).digest()
    place = tag[-1] & 15
    number = struct.unpack(">I", tag[place:place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


class Codes(house.Town):
    def setUp(self):
        self.data = self.found(f"codes-{self._testMethodName}")

    def serve(self, *words, secret=SECRET):
        environment = {**os.environ, "TANPUHUI_CODE_SENDER_SECRET": secret}
        server = house.Server(self.data, self.place, words=words, env=environment)
        self.addCleanup(server.close)
        return server, Visitor(f"http://127.0.0.1:{server.port}")

    def ask_for_code(self, visitor, phone):
        visitor.ask("/login")
        return visitor.ask("/login", {"phone": phone, "agree": "yes", "next": "/chengdu/me"})

    def test_a_code_is_sent_signed_and_let_in(self):
        receiver = Receiver([503, 429, 200])
        self.addCleanup(receiver.close)
        server, visitor = self.serve("--code-sender", receiver.address)
        page = self.ask_for_code(visitor, "138 0013 8000")
        self.assertEqual(page.status, 200, page.text)
        self.assertEqual(receiver.faults, [])
        # Twice in trouble, the third time taken: one message to the same telephone, one id.
        self.assertEqual(len(receiver.letters), 3)
        self.assertEqual(len({letter["id"] for letter in receiver.letters}), 1)
        letter = receiver.letters[-1]
        self.assertEqual(
            (letter["phone"], letter["purpose"], letter["expiresInSeconds"]),
            ("13800138000", "login", 300))
        self.assertRegex(letter["code"], r"^\d{6}$")
        self.assertNotIn(letter["code"], page.text)
        entered = visitor.ask(
            "/login/code",
            {"phone": "13800138000", "code": letter["code"], "next": "/chengdu/me"})
        self.assertEqual((entered.status, entered.headers["Location"]), (303, "/chengdu/me"))
        # One a minute for a telephone, whoever asks.
        other = Visitor(visitor.base)
        self.assertEqual(self.ask_for_code(other, "13800138000").status, 429)
        self.assertEqual(len(receiver.letters), 3)

    def test_b_trouble_is_told_without_secrets(self):
        receiver = Receiver([500, 500, 500, 403])
        self.addCleanup(receiver.close)
        server, visitor = self.serve("--code-sender", receiver.address)
        self.assertEqual(self.ask_for_code(visitor, "13800138001").status, 503)
        self.assertEqual(len(receiver.letters), 3, "three times and no more")
        page = self.ask_for_code(visitor, "13800138002")
        self.assertEqual(page.status, 503)
        self.assertIn("验证码没有发出", page.text)
        self.assertEqual(len(receiver.letters), 4, "what was refused is not sent again")
        receiver.close()
        self.assertEqual(self.ask_for_code(visitor, "13800138003").status, 503)
        said = server.said()
        self.assertIn("a login code was not sent", said)
        for secret in (SECRET, "of-the-path", "13800138001", receiver.letters[0]["code"]):
            self.assertNotIn(secret, said)

    def test_c_silence_ends(self):
        receiver = Receiver([None, 200])
        self.addCleanup(receiver.close)
        _, visitor = self.serve("--code-sender", receiver.address)
        begun = time.monotonic()
        self.assertEqual(self.ask_for_code(visitor, "13800138000").status, 200)
        self.assertLess(time.monotonic() - begun, 12, "five seconds, and once more")
        self.assertEqual(len(receiver.letters), 2)

    def test_f_limits_by_address_are_of_people_and_not_of_the_proxy(self):
        server, visitor = self.serve("--development", "--behind-proxy")

        def ask(number, forwarded):
            visitor.opener.addheaders = [("X-Forwarded-For", forwarded)]
            visitor.ask("/login")
            return self.ask_for_code(visitor, f"1380013{number:04}").status

        self.assertEqual([ask(n, "203.0.113.5") for n in range(30)], [200] * 30)
        self.assertEqual(ask(30, "203.0.113.5"), 429)
        self.assertEqual(ask(31, "198.51.100.9, 203.0.113.5"), 429, "only the last one counts")
        self.assertEqual(ask(32, "203.0.113.6"), 200)
        # Without the flag nobody is believed.
        server.stop()
        _, visitor = self.serve("--development")
        self.assertEqual([ask(100 + n, f"203.0.113.{n}") for n in range(30)], [200] * 30)
        self.assertEqual(ask(140, "203.0.113.200"), 429)

    def test_d_nobody_enters_without_a_sender(self):
        server, visitor = self.serve()
        page = self.ask_for_code(visitor, "13800138000")
        self.assertEqual(page.status, 503)
        self.assertNotIn("dev-code", page.text)
        self.assertIn("--code-sender", server.said())

    def test_e_wrong_settings_are_said(self):
        for words, said in [
            (["--code-sender", "https://sms.example"], "at least 16 bytes"),
            (["--code-sender", "ftp://sms.example"], "http or https"),
            (["--oidc-issuer", "https://id.example"], "--oidc-client"),
            (["--oidc-issuer", "https://id.example", "--oidc-client", "x"], "--public-address"),
            (["--oidc-issuer", "http://id.example", "--oidc-client", "x", "--public-address",
              "https://city.example"], "not https"),
        ]:
            done = house.run("serve", "--data", self.data, "--listen", "127.0.0.1:0", *words,
                             status=1, env={**os.environ, "TANPUHUI_CODE_SENDER_SECRET": "short"})
            self.assertIn(said, done.stderr)


class IdentityServer:
    """oidc-provider-mock, a process of its own."""

    def __init__(self, folder):
        self.port = house.free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = open(folder / "identity.log", "ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.base + "/jwks", timeout=5).read()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise AssertionError("the identity server did not come up")
                time.sleep(0.1)

    def user(self, subject, **claims):
        request = urllib.request.Request(
            f"{self.base}/users/{subject}", json.dumps(claims).encode(),
            {"Content-Type": "application/json"}, method="PUT")
        urllib.request.urlopen(request, timeout=10).read()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        self.log.close()


class Identities(house.Town):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            import oidc_provider_mock  # noqa: F401
        except ImportError:
            house.loudly("people.Identities", "oidc-provider-mock is not installed: ./run check "
                         "installs Tools/python.txt.")
        cls.identity = IdentityServer(cls.place)
        cls.addClassCleanup(cls.identity.close)
        cls.data = house.found(cls.place / "data")
        port = house.free_port()
        cls.server = house.Server(
            cls.data, cls.place, port=port, words=[
                "--development", "--public-address", f"http://127.0.0.1:{port}",
                "--oidc-issuer", cls.identity.base, "--oidc-client", "tanpuhui",
                "--oidc-name", "市民云"],
            env={**os.environ, "TANPUHUI_OIDC_SECRET": "the client's secret"})
        cls.addClassCleanup(cls.server.close)
        cls.base = f"http://127.0.0.1:{port}"

    def log_in(self, visitor, subject, next="/chengdu/me"):
        """Over to the identity server, which is told who it is, and back."""
        sent = visitor.ask(f"/login/identity?next={urllib.parse.quote(next)}")
        self.assertEqual(sent.status, 303, sent.text)
        address = sent.headers["Location"]
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)
        for name in ("state", "nonce", "code_challenge"):
            self.assertGreaterEqual(len(query[name][0]), 43)
        self.assertEqual(query["code_challenge_method"], ["S256"])
        self.assertTrue(address.startswith(self.identity.base))
        body = urllib.parse.urlencode({"sub": subject}).encode()
        try:
            urllib.request.build_opener(NoRedirect).open(address, body, timeout=30)
        except urllib.error.HTTPError as redirect:
            return redirect.headers["Location"]
        raise AssertionError("the identity server sent nobody back")

    def account(self, visitor):
        visitor.ask("/chengdu/me")
        visitor.ask("/chengdu/me/open", {})
        return json.loads(visitor.ask("/chengdu/me/data.json").text)

    def test_a_the_same_person_by_phone_is_linked_not_doubled(self):
        by_phone = Visitor(self.base)
        by_phone.log_in("13800138000")
        first = self.account(by_phone)
        self.identity.user("ma", phone_number="+8613800138000", phone_number_verified=True)
        visitor = Visitor(self.base)
        self.assertIn("市民云", visitor.ask("/login").text)
        back = visitor.ask(self.log_in(visitor, "ma"))
        self.assertEqual((back.status, back.headers["Location"]), (303, "/chengdu/me"))
        same = self.account(visitor)
        self.assertEqual(
            same["mechanisms"][0]["account"], first["mechanisms"][0]["account"])
        self.assertEqual(same["logins"][0]["provider"], "市民云")

    def test_b_an_unverified_phone_proves_nothing(self):
        by_phone = Visitor(self.base)
        by_phone.log_in("13800138001")
        first = self.account(by_phone)
        self.identity.user("thief", phone_number="+8613800138001", phone_number_verified=False)
        visitor = Visitor(self.base)
        self.assertEqual(visitor.ask(self.log_in(visitor, "thief")).status, 303)
        other = self.account(visitor)
        self.assertNotEqual(
            other["mechanisms"][0]["account"], first["mechanisms"][0]["account"])
        self.assertEqual(other["personal"], {})
        # The second time it is the same one.
        again = Visitor(self.base)
        again.ask(self.log_in(again, "thief"))
        self.assertEqual(
            self.account(again)["mechanisms"][0]["account"],
            other["mechanisms"][0]["account"])

    def test_c_a_login_belongs_to_its_browser_and_is_good_once(self):
        visitor, victim = Visitor(self.base), Visitor(self.base)
        back = self.log_in(visitor, "lin")
        victim.ask("/login/identity")
        self.assertEqual(victim.ask(back).status, 400, "another browser")
        self.assertEqual(visitor.ask(back).status, 400, "it is used up")
        back = self.log_in(visitor, "lin")
        wrong = re.sub("state=[^&]*", "state=" + "a" * 52, back)
        self.assertEqual(visitor.ask(wrong).status, 400)
        self.assertEqual(visitor.ask(back).status, 303)
        back = self.log_in(visitor, "lin")
        self.assertEqual(
            visitor.ask(re.sub("code=[^&]*", "code=invented", back)).status, 502)
        back = self.log_in(visitor, "lin")
        self.assertEqual(visitor.ask(re.sub("code=[^&]*&?", "", back)).status, 400)

    def test_d_whoever_is_logged_in_links_it_to_themselves(self):
        visitor = Visitor(self.base)
        visitor.log_in("13800138004")
        first = self.account(visitor)
        self.assertEqual(visitor.ask(self.log_in(visitor, "wei")).status, 303)
        fresh = Visitor(self.base)
        fresh.ask(self.log_in(fresh, "wei"))
        self.assertEqual(
            self.account(fresh)["mechanisms"][0]["account"],
            first["mechanisms"][0]["account"])
        other = Visitor(self.base)
        other.log_in("13800138005")
        self.assertEqual(other.ask(self.log_in(other, "wei")).status, 409)

    def test_e_nothing_leads_off_this_site(self):
        visitor = Visitor(self.base)
        back = visitor.ask(self.log_in(visitor, "hu", next="https://evil.example/"))
        self.assertEqual(back.headers["Location"], "/me")


class Closing(house.Town):
    """A person who was everywhere, and then nowhere."""

    NEEDLES = ("13912345678", "139****5678", "card-of-hu-0815", "胡晓明", "028-87654321")

    def test_nothing_is_left(self):
        data = self.found()
        key = house.add_partner(data, "rides", "shared-bike", enrol=False)
        password = house.answer(
            "staff", "add", "--data", data, "--username", "he", "--roles",
            "administrator,operator,reviewer,auditor,regulator")["password"]
        server = house.Server(data, self.place, words=["--development"])
        self.addCleanup(server.close)
        base = f"http://127.0.0.1:{server.port}"
        staff = self.staff(base, password)
        person, friend = Visitor(base), Visitor(base)
        for visitor, phone in ((person, "13912345678"), (friend, "13800138000")):
            visitor.log_in(phone)
            visitor.ask("/chengdu/me")
            self.assertEqual(visitor.ask("/chengdu/me/open", {}).status, 303)
        rides = [house.ride(n, subject="card-of-hu-0815", end=f"2026-11-0{n}T08:00:00+08:00")
                 for n in range(1, 6)]
        self.assertEqual(server.post(key, rides)[1]["waiting"], 5)
        linked = person.ask("/chengdu/me/links", {
            "partner": "rides", "subject": "card-of-hu-0815", "agree": "yes"})
        self.assertEqual(linked.status, 200)
        person.ask("/chengdu/me/consents", {"receiver": "boards", "agree": "yes"})
        person.ask("/chengdu/me/organisations", {
            "kind": "school", "name": "龙江路小学", "contact": "胡晓明 028-87654321"})
        before = json.loads(person.ask("/chengdu/me/data.json").text)["mechanisms"][0]
        self.assertEqual(before["grams"], 5 * 146)
        self.assertGreater(before["points"], 0)
        applied = re.search(
            r"/console/chengdu/applications/(\d+)",
            staff.ask("/console/chengdu/organisations").text)[1]
        approved = staff.ask(f"/console/chengdu/applications/{applied}", {
            "decision": "approve", "opinion": "材料齐全"})
        self.assertEqual(approved.status, 303, approved.text)
        # The search finds them while they are there.
        self.assertIn("胡晓明", staff.ask(f"/console/chengdu/applications/{applied}").text)
        self.assertIn("139****5678", person.ask("/chengdu/me").text)

        closed = person.ask("/chengdu/me/close", {"confirm": "注销"})
        self.assertIn("已注销", closed.text)
        self.assertEqual(person.ask("/chengdu/me").status, 401)
        pages = self.every_page(
            staff, friend, base, f"/console/chengdu/applications/{applied}")
        self.assertGreater(len(pages), 25, sorted(pages))
        for path, text in pages.items():
            for needle in self.NEEDLES:
                self.assertFalse(needle in text, f"{needle} is on {path}")
        self.everywhere(data, "while the server runs")
        # A partner that goes on reporting the same card reaches nobody.
        again = server.post(key, [house.ride(9, subject="card-of-hu-0815",
                                             end="2026-11-09T08:00:00+08:00")])[1]
        self.assertEqual(again["waiting"], 1)
        self.assertEqual(server.stop(), 0)
        self.books(data, before)

    def staff(self, base, password):
        """Logs in and enrols a second factor."""
        staff = Visitor(base)
        staff.ask("/console/login")
        page = staff.ask("/console/login", {"username": "he", "password": password})
        self.assertEqual(page.headers["Location"], "/console/second-factor")
        secret = re.search('name="secret" value="([^"]*)"',
                           staff.ask("/console/second-factor").text)[1]
        done = staff.ask("/console/second-factor",
                         {"secret": secret, "code": one_time_code(secret)})
        self.assertEqual(done.status, 303)
        return staff

    def every_page(self, staff, friend, base, application):
        """All that can be reached by links, as staff of every role, as another citizen, as nobody."""
        pages = {}
        for visitor, starts in (
                (staff, ["/console", "/console/log", "/console/staff", application]),
                (friend, ["/chengdu/me"]), (Visitor(base), ["/", "/chengdu/"])):
            todo = list(starts)
            seen = set()
            while todo and len(seen) < 300:
                path = todo.pop()
                if path in seen or path.startswith(("/language", "/assets", "/login/identity")):
                    continue
                seen.add(path)
                page = visitor.ask(path, follow=True)
                self.assertLess(page.status, 500, path)
                pages[path] = pages.get(path, "") + page.text
                for link in re.findall('href="(/[^"]*)"', page.text):
                    todo.append(html.unescape(link))
        return pages

    def everywhere(self, data, when):
        """No byte of any file: plain, as JSON or a digest would have it, or compressed."""
        count = 0
        for file in sorted(data.rglob("*")):
            if not file.is_file():
                continue
            count += 1
            content = file.read_bytes()
            forms = [content]
            if content[:2] == b"\x1f\x8b":
                forms.append(gzip.decompress(content))
            for needle in self.NEEDLES:
                spelled = [needle.encode(), needle.encode("utf-16-le"),
                           json.dumps(needle)[1:-1].encode(),
                           hashlib.sha256(needle.encode()).digest(),
                           base64.b64encode(needle.encode()).rstrip(b"=")[:-1]]
                for form in forms:
                    for spelling in spelled:
                        self.assertFalse(
                            spelling in form, f"{needle} is in {file} {when}")
        self.assertGreater(count, 5)

    def books(self, data, before):
        self.assertTrue(house.verify(data)["good"])
        self.everywhere(data, "after the server has ended")
        balances = house.balances(data)
        sums = collections.Counter()
        for (_, asset), balance in balances.items():
            sums[asset] += balance
        self.assertEqual(set(sums.values()), {0}, "per asset everything adds up to zero")
        self.assertEqual(balances[("programme:90:points", "points")], before["points"])
        self.assertEqual(
            balances[(f"citizen:{before['account']}:grams", "grams")], before["grams"])
        self.assertNotIn((f"citizen:{before['account']}:points", "points"), balances)
        for form in ("jsonl", "csv", "hledger"):
            text = house.export(data, form)
            for needle in self.NEEDLES:
                self.assertFalse(needle in text, f"{needle} is in the export as {form}")


if __name__ == "__main__":
    house.main()
