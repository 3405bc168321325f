// SPDX-License-Identifier: Apache-2.0
// WEB. The pages and the API: everything that comes in and goes out over HTTP.
//
//              ┌─ API/      programs: head, proofs, scenes, totals, /openapi.json
//   Site ──────┼─ Public/   everybody: home, scenes, open books        ┐
//   (Routes,   ├─ Citizen/  one person: account, 查看计算, links, data   ├─ Layout, HTML, Tongue
//    Roles)    └─ Staff/    the console: batches, review, packs, keys   ┘
//     │
//     ├─▶ Ingest ──▶ Intake ──▶ Clerk       a partner's body, answered when it is durable
//     └─▶ Office ──▶ Clerk, journal, Archive, Vault   what pages ask, in the words of pages
//
// A `…Desk` reads the request and asks; a `…+View` draws plain values into HTML and asks nothing.
//
// Invariants
// - Every address stands in `Routes` with its roles; a test walks every route by every role.
// - Every text of a page is written once in both languages, side by side.
// - What came from outside is escaped by its type (`HTML`); no page has a style, or a script but
//   the one file that registers the service worker (`ServiceWorker`); staff's have none at all.
// - A list as a file (`Sheet`) is the same route as its page, by the same roles.
// - Nothing here decides anything: a form becomes a command, and the rooms of the Core say no.
// - Points and grams are two assets; no page adds them.
// - What a member of staff does is in the operations log before the answer leaves.
