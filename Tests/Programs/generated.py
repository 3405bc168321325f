# SPDX-License-Identifier: Apache-2.0
"""A client that nobody wrote: made from `/openapi.json` by a public generator, it lives a day.

    server ──/openapi.json──▶ openapi-python-client ──▶ a package ──▶ reports, withdrawals, receipts

What the description says wrongly, or not at all, the generated client cannot do.
"""

import datetime
import importlib
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0] + "/lib")
import house

DAY = datetime.date(2024, 3, 1)


class Day(house.Town):
    def test_a_partners_day(self):
        data = self.found()
        key = house.add_partner(data, "bikes", "shared-bike")
        server = house.Server(data, self.place)
        self.addCleanup(server.close)
        description = self.place / "openapi.json"
        description.write_bytes(server.get("/openapi.json")[1])
        tool = pathlib.Path(sys.executable).parent / "openapi-python-client"
        if not tool.is_file():
            house.loudly("the generated client", "openapi-python-client is not beside this Python: "
                         "./run check installs it from Tools/python.txt")
        made = subprocess.run(
            [tool, "generate", "--path", description, "--output-path", self.place / "tanpuhui_client",
             "--meta", "none"],
            capture_output=True, text=True, timeout=120, cwd=self.place,
            env={"PATH": f"{tool.parent}:/usr/bin:/bin", "HOME": str(self.place)})
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        sys.path.insert(0, str(self.place))
        self.addCleanup(sys.path.remove, str(self.place))
        self.live(server, key)

    def call(self, name):
        return importlib.import_module(f"tanpuhui_client.api.default.{name}")

    def live(self, server, key):
        package = importlib.import_module("tanpuhui_client")
        models = importlib.import_module("tanpuhui_client.models")
        client = package.AuthenticatedClient(f"http://127.0.0.1:{server.port}", token=key)
        self.addCleanup(client.get_httpx_client().close)
        rides = [models.Behaviour.from_dict(house.ride(number)) for number in range(3)]
        report = self.call("post_behaviours")
        result = report.sync("chengdu", client=client, body=rides)
        self.assertEqual((result.received, result.accepted), (3, 3))
        again = report.sync("chengdu", client=client, body=rides)
        self.assertEqual((again.accepted, again.duplicates), (0, 3))

        rows = [models.Withdrawal(source="/rides", id=f"ride-{number}",
                                  reason=models.WithdrawalReason("cancelled"))
                for number in (0, 7)]
        taken = self.call("post_behaviours_withdrawals").sync("chengdu", client=client, body=rows)
        self.assertEqual((taken.withdrawn, taken.refused), (1, 1))
        self.assertEqual(taken.results[1].reason, "eventUnknown")
        right = models.Correction.from_dict(
            {**house.ride(9, metres=2000), "corrects": "ride-1", "reason": "wrongValues"})
        put = self.call("post_behaviours_corrections").sync("chengdu", client=client, body=[right])
        self.assertEqual(put.results[0].event.grams, 97)

        daily = self.call("get_receipts_daily").sync("chengdu", client=client, day=DAY)
        self.assertEqual(daily.events, 4)
        # 3 km: 146.1 g, so 146; 2 km: 97.4, so 97.
        self.assertEqual(daily.grams, 146 + 97)
        self.assertEqual(daily.outcomes.withdrawn, 2)
        receipts = self.call("get_receipts").sync_detailed("chengdu", client=client, day=DAY)
        lines = [json.loads(line) for line in receipts.content.splitlines()]
        self.assertEqual(sum(line["grams"] for line in lines), daily.grams)
        file = [models.DayRow(source="/rides", id=f"ride-{number}") for number in (0, 1, 2, 9)]
        differences = self.call("post_reconciliations").sync(
            "chengdu", client=client, body=file, day=DAY)
        self.assertEqual((differences.same, differences.ours_not_theirs.count), (4, 0))
        anyone = package.Client(f"http://127.0.0.1:{server.port}")
        self.addCleanup(anyone.get_httpx_client().close)
        dictionary = self.call("get_dictionary").sync("chengdu", client=anyone)
        self.assertIn("shared-bike", [scene.scene for scene in dictionary.scenes])
        head = self.call("get_head").sync("chengdu", client=anyone)
        self.assertGreater(head.frames, 0)
        wrong = package.AuthenticatedClient(f"http://127.0.0.1:{server.port}", token="tph_no")
        self.addCleanup(wrong.get_httpx_client().close)
        refused = report.sync("chengdu", client=wrong, body=rides)
        self.assertEqual(refused.status, 401)


if __name__ == "__main__":
    house.main()
