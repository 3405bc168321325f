# SPDX-License-Identifier: Apache-2.0
"""Every list as CSV and XLSX, read by somebody else's programs: Python's csv, and openpyxl.

    page ──its own links──▶ CSV ──csv──┐
                       └──▶ XLSX ─openpyxl─┴─▶ the same rows, as many as the page says there are

A name that looks like a formula is a text in both. The filters of the page hold for its files.
Somebody else's files are not to be had.
"""

import csv
import datetime
import io
import re
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house
import pages

try:
    import openpyxl
except ImportError:
    openpyxl = None

FORMULA = '=HYPERLINK("http://evil.example","click")'


def of_csv(answer):
    body = answer.body()
    assert body.startswith(b"\xef\xbb\xbf"), "no mark for spreadsheets"
    return list(csv.reader(io.StringIO(body[3:].decode("utf-8"), newline="")))


def of_xlsx(answer):
    book = openpyxl.load_workbook(io.BytesIO(answer.body()))
    return [list(row) for row in book.worksheets[0].iter_rows()]


def as_text(cell):
    """A cell of XLSX as CSV would have it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if cell.number_format == "0.00":
        return f"{value:.2f}"
    return str(value)


class ExportTest(pages.DemoTown):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if openpyxl is None:
            house.loudly("exports", "Not here: openpyxl (Tools/python.txt)")
        super().setUpClass()

    def both(self, page, address):
        """The rows of both files at `…as=csv` and `…as=xlsx`, which must be the same."""
        plain = page.request.get(self.base + address)
        book = page.request.get(self.base + address.replace("as=csv", "as=xlsx"))
        for answer, ending in ((plain, "csv"), (book, "xlsx")):
            self.assertEqual(200, answer.status, address)
            # The list, the mechanism, the moment.
            self.assertRegex(
                answer.headers["content-disposition"],
                r'^attachment; filename="[a-z]+[-a-z0-9]*-20\d{6}-\d{6}\.' + ending + '"$')
            self.assertEqual("no-store", answer.headers["cache-control"])
        rows, cells = of_csv(plain), of_xlsx(book)
        for row in cells:
            for cell in row:
                self.assertNotEqual("f", cell.data_type, "a formula")
        texts = [[as_text(cell) for cell in row] for row in cells]
        # An apostrophe keeps CSV from becoming a formula; XLSX needs none.
        bare = [[value[1:] if re.match("'[-=+@＝＋－＠]", value) else value for value in row]
                for row in rows]
        # Rows may end earlier in XLSX, where the last cells are empty.
        width = len(rows[0])
        self.assertEqual(bare, [(row + [""] * width)[:width] for row in texts], address)
        return rows

    def links(self, page, path):
        page.goto(self.base + path)
        return [a.get_attribute("href") for a in page.locator("a[href*='as=csv']").all()]

    def test_every_list_of_the_console(self):
        page = self.enter("operator")
        lists = {}
        for place in ("batches", "unread", "quarantine", "decisions", "waiting", "packs", "policy",
                      "policy/ratios", "policy/budget", "policy/expiry", "journal", "partners",
                      "mall", "mall/merchants", "mall/vouchers", "organisations",
                      "partner-applications", "partners/tianfutong/receipts"):
            found = self.links(page, f"/console/chengdu/{place}")
            self.assertEqual(1, len(found), f"{place} has not one way to its file")
            lists[place] = self.both(page, found[0])
            self.assertGreater(len(lists[place][0]), 1)
        shown = int(re.search(r"共\s*([\d,]+)\s*条", self.text(
            page, "/console/chengdu/batches"))[1].replace(",", ""))
        self.assertEqual(shown, len(lists["batches"]) - 1)
        self.assertGreater(shown, 50, "more than the page shows")
        # All that was credited, by the batches' file and by the API.
        totals = page.request.get(self.base + "/api/v1/chengdu/totals").json()
        self.assertEqual(totals["grams"], sum(int(row[9]) for row in lists["batches"][1:]))
        frames = [int(row[0]) for row in lists["journal"][1:]]
        self.assertEqual(list(range(len(frames), 0, -1)), frames)
        number = lists["batches"][1][0]
        rows = self.both(page, f"/console/chengdu/batches/{number}?show=all&as=csv")
        self.assertEqual([str(n + 1) for n in range(len(rows) - 1)], [row[0] for row in rows[1:]])
        # The log says who took what along.
        admin = self.enter("administrator")
        self.both(admin, self.links(admin, "/console/staff")[0])
        # Taking the log along is in the log: the second file has one line more.
        link = self.links(admin, "/console/log")[0]
        rows = of_csv(admin.request.get(self.base + link))
        book = of_xlsx(admin.request.get(self.base + link.replace("as=csv", "as=xlsx")))
        self.assertEqual(
            [row[:7] for row in rows[1:]],
            [[as_text(cell) for cell in row[:7]] for row in book[2:]])
        self.assertIn("/console/chengdu/batches?as=csv", [row[4] for row in rows])

    def text(self, page, path):
        page.goto(self.base + path)
        return page.locator("main").inner_text()

    def test_the_filters_hold(self):
        page = self.enter("operator")
        partners = self.both(page, "/console/chengdu/partners?as=csv")
        code, name = partners[1][0], partners[1][1]
        link = self.links(page, f"/console/chengdu/batches?partner={code}")[0]
        rows = self.both(page, link)
        self.assertEqual({name}, {row[2] for row in rows[1:]})
        # The second page of a list has the same file as the first.
        page.goto(self.base + f"/console/chengdu/batches?before=500&partner={code}")
        self.assertEqual(link, page.locator("a[href*='as=csv']").get_attribute("href"))
        vouchers = self.both(page, "/console/chengdu/mall/vouchers?status=used&as=csv")
        self.assertEqual({"已使用"}, {row[6] for row in vouchers[1:]})
        english = page.request.get(
            self.base + "/console/chengdu/mall/vouchers?status=used&as=csv&lang=en")
        self.assertEqual({"Used"}, {row[6] for row in of_csv(english)[1:]})

    def test_no_cell_is_a_formula(self):
        page = self.enter("administrator")
        for code, name in (("formula", FORMULA), ("wide", "＝1+1"), ("at", "@SUM(1)")):
            page.goto(self.base + "/console/chengdu/partners")
            page.fill("#code", code)
            page.fill("#name", name)
            page.check("#s-shared-bike")
            page.locator("form[action$='/partners'] button").click()
        rows = self.both(page, "/console/chengdu/partners?as=csv")
        names = {row[0]: row[1] for row in rows}
        self.assertEqual("'" + FORMULA, names["formula"])
        self.assertEqual("'＝1+1", names["wide"])
        self.assertEqual("'@SUM(1)", names["at"])
        book = of_xlsx(page.request.get(self.base + "/console/chengdu/partners?as=xlsx"))
        cell = next(row[1] for row in book if row[0].value == "formula")
        self.assertEqual(("s", FORMULA), (cell.data_type, cell.value))

    def test_a_citizen_takes_their_own(self):
        page = self.enter("citizen")
        link = self.links(page, "/chengdu/me")[0]
        rows = self.both(page, link)
        # The same as the export of all that is kept, which another part of the program writes.
        data = page.request.get(self.base + "/chengdu/me/data.json").json()
        count = len(re.findall(r"/me/entries/\d+", page.content()))
        self.assertGreaterEqual(len(rows) - 1, count)
        page.goto(self.base + "/chengdu/me")
        points = int(page.locator(".duo .pts b").inner_text().split("\n")[0].split("分")[0]
                     .replace(",", ""))
        earned = sum(int(row[8]) for row in rows[1:])
        moved = self.both(page, "/chengdu/me/points?as=csv")
        spent = sum(int(row[3]) for row in moved[1:] if row[0] == "收支")
        self.assertEqual(points, earned + spent)
        self.assertTrue(data)
        self.both(page, "/chengdu/me/vouchers?as=csv")
        other = self.enter("stranger")
        for path in (link, "/chengdu/me/points?as=csv", "/console/chengdu/batches?as=csv",
                     "/console/log?as=xlsx"):
            for who in (other, *([page] if path.startswith("/console") else [])):
                answer = who.request.get(self.base + path)
                self.assertEqual(401, answer.status, path)
                self.assertIn("text/html", answer.headers["content-type"])
        pages.log_in(other, self.base, "15400000002")
        theirs = of_csv(other.request.get(self.base + link))
        self.assertFalse({row[0] for row in rows[1:]} & {row[0] for row in theirs[1:]})

    def test_a_shop_takes_its_statement(self):
        page = self.enter("shop")
        self.both(page, self.links(page, "/console/chengdu/shop/offers")[0])
        page.goto(self.base + "/console/chengdu/shop/statement")
        address = page.locator("a[href*='as=xlsx']").get_attribute("href")
        book = [[cell.value for cell in row] for row in of_xlsx(
            page.request.get(self.base + address))]
        due = page.locator(".stat.hot b").inner_text().replace("¥", "").replace(",", "")
        self.assertEqual(float(due), book[-1][7])
        self.assertAlmostEqual(float(due), sum(row[7] for row in book[1:-1]), places=6)
        self.assertEqual(403, page.request.get(
            self.base + "/console/chengdu/mall/vouchers?as=csv").status)


if __name__ == "__main__":
    house.main()
