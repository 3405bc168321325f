// SPDX-License-Identifier: Apache-2.0
// STORAGE. Where bytes survive: journals, personal data, keys.
//
//   <data>/tanpuhui.json            format version, mechanisms            DataFolder
//   <data>/lock                     one process at a time, and its number FileLock
//   <data>/keys/master.key          opens the vault; mode 0600            Vault
//   <data>/vault.sqlite             everything that names a person        Vault
//   <data>/<mechanism>/journal.sqlite   the frames                        SQLiteStore
//   <data>/<mechanism>/keys/            what signs the journal's heads    SigningKeys
//   <data>/<mechanism>/archive.sqlite   query tables, disposable          (Archive's)
//   <data>/<mechanism>/snapshot-*       the state now and then            (Desk's)
//
// The rules of the room
// 1. A call that returns has been made durable; a call that throws has left nothing half-done.
// 2. Only this room speaks to an SQL engine or to a cipher; others see bytes, numbers and text.
// 3. Time is always passed in: nothing here looks at a clock.
// 4. Every failure is a `StoreFailure`: the operation, the cause, and a sentence saying what to do.
// 5. What is expected (a wrong password, a code asked for too soon) is returned, never thrown.
//
// A store knows nothing of what a frame means; the vault knows nothing of points.
