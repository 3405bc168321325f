// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// The floor plan. A room may import only the rooms named in its `doors`; `Tests/Tidy` reads the
/// sources and fails on an import that has no door here.
let package = Package(
  name: "tanpuhui",
  products: [.executable(name: "tanpuhui", targets: ["tanpuhui"])],
  targets: [
    // Libraries of the system, and the two small shims in C and C++.
    system("CSQLite", pkg: "sqlite3", apt: "libsqlite3-dev"),
    system("CPostgres", pkg: "libpq", apt: "libpq-dev"),
    system("COpenSSL", pkg: "libcrypto", apt: "libssl-dev"),
    system("CSodium", pkg: "libsodium", apt: "libsodium-dev"),
    system("CMicroHTTPD", pkg: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    system("CZstd", pkg: "libzstd", apt: "libzstd-dev"),
    system("CZlib", pkg: "zlib", apt: "zlib1g-dev"),
    system("CQREncode", pkg: "libqrencode", apt: "libqrencode-dev"),
    system("CCurl", pkg: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CXLSXWriter", pkg: "xlsxwriter", apt: "libxlsxwriter-dev"),
    .target(name: "CPlatform", path: "Sources/C/CPlatform"),
    .target(
      name: "CEvents", path: "Sources/C/CEvents",
      cxxSettings: [.unsafeFlags(["-O2", "-DNDEBUG"])],
      linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),

    // Base: the words everyone speaks. Public and inlinable, because every loop uses them.
    room("Units", on: "Base", doors: ["CPlatform"]),
    room("Journal", on: "Base", doors: ["Units", "COpenSSL"]),

    // Core: pure rooms. No clock, no files, no threads, no randomness, no Foundation.
    room("Ledger", on: "Core", doors: ["Units", "Journal"]),
    room("Membership", on: "Core", doors: ["Units", "Journal"]),
    room("Methodology", on: "Core", doors: ["Units"]),
    room("Behaviour", on: "Core", doors: ["Units", "Journal", "Methodology", "CPlatform"]),
    room("Rewards", on: "Core", doors: ["Units", "Journal"]),
    room("Recognition", on: "Core", doors: ["Units", "Journal"]),
    room("Governance", on: "Core", doors: ["Units", "Journal"]),
    room(
      "Policy", on: "Core",
      doors: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards",
        "Recognition", "Governance",
      ]),
    room(
      "Mechanism", on: "Core",
      doors: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards",
        "Recognition", "Governance", "Policy",
      ]),

    // Shell: touches the world.
    room(
      "Storage", on: "Shell",
      doors: ["Units", "Journal", "CPlatform", "CSQLite", "CPostgres", "COpenSSL", "CSodium"]),
    room(
      "Desk", on: "Shell",
      doors: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards", "Policy",
        "Mechanism", "Governance", "Storage", "CPlatform",
      ]),
    room(
      "Archive", on: "Shell",
      doors: [
        "Units", "Journal", "Ledger", "Membership", "Behaviour", "Mechanism", "Storage",
        "CPlatform",
      ]),
    // The only room that sends requests of our own.
    room("Outgoing", on: "Shell", doors: ["Units", "CCurl", "COpenSSL"]),
    room("HTTP", on: "Shell", doors: ["Units", "CPlatform", "CMicroHTTPD", "CZstd", "CZlib"]),
    room(
      "Web", on: "Shell",
      doors: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards", "Policy",
        "Mechanism", "Storage", "Desk", "Archive", "HTTP", "CEvents", "CSodium", "CQREncode",
        "Outgoing", "CXLSXWriter", "Recognition", "Governance",
      ]),
    .executableTarget(
      name: "tanpuhui",
      dependencies: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards", "Policy",
        "Mechanism", "Storage", "Desk", "Archive", "HTTP", "Web", "CPlatform", "CEvents",
        "Outgoing", "Recognition", "Governance",
      ],
      path: "Sources/Shell/tanpuhui", swiftSettings: strict()),

    // Tests: a folder a room, and `Tidy` for the house as a whole.
    tests("UnitsTests", of: ["Units"]),
    tests("JournalTests", of: ["Units", "Journal"], leaving: ["golden.py"]),
    tests("LedgerTests", of: ["Units", "Journal", "Ledger"]),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    tests("MethodologyTests", of: ["Units", "Methodology", "CAllocations"]),
    tests(
      "PolicyTests",
      of: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards", "Policy",
        "Recognition",
      ]),
    tests(
      "RewardsTests",
      of: [
        "Units", "Journal", "Ledger", "Membership", "Behaviour", "Policy", "Rewards", "Mechanism",
      ]),
    tests(
      "RecognitionTests",
      of: [
        "Units", "Journal", "Ledger", "Membership", "Behaviour", "Policy", "Recognition",
        "Mechanism",
      ]),
    tests(
      "GovernanceTests",
      of: [
        "Units", "Journal", "Ledger", "Membership", "Behaviour", "Policy", "Governance",
        "Mechanism", "Reference",
      ]),
    // The slow and naive mechanism that others are held against.
    .target(
      name: "Reference", dependencies: ["Units", "Behaviour"], path: "Tests/Reference",
      swiftSettings: strict()),
    tests(
      "MechanismTests",
      of: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards", "Policy",
        "Mechanism", "CAllocations", "Reference",
      ]),
    tests("OutgoingTests", of: ["Units", "Outgoing", "COpenSSL"]),
    tests("StorageTests", of: ["Units", "Journal", "Storage"]),
    tests("HTTPTests", of: ["Units", "HTTP", "CPlatform", "CEvents", "CZlib", "CZstd"]),
    tests(
      "WebTests",
      of: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards", "Policy",
        "Recognition", "Governance", "Mechanism", "Storage", "Desk", "Archive", "HTTP", "Web",
        "CEvents",
      ]),
    tests(
      "HouseTests",
      of: [
        "Units", "Journal", "Ledger", "Membership", "Methodology", "Behaviour", "Rewards", "Policy",
        "Mechanism", "Governance", "Storage", "Desk", "Archive", "tanpuhui", "Reference",
      ]),
    tests("TidyTests", of: []),
  ],
  cxxLanguageStandard: .cxx17
)

func strict() -> [SwiftSetting] {
  [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // The debug build, and so every test, checks exclusive access; the release build need not again.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
  ]
}

func room(_ name: String, on floor: String, doors: [String] = []) -> Target {
  .target(
    name: name, dependencies: doors.map { .init(stringLiteral: $0) },
    path: "Sources/\(floor)/\(name)", swiftSettings: strict())
}

func system(_ name: String, pkg: String, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/C/\(name)", pkgConfig: pkg, providers: [.apt([apt])])
}

func tests(_ name: String, of rooms: [String], leaving files: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: rooms.map { .init(stringLiteral: $0) }, path: "Tests/\(name)",
    exclude: files, swiftSettings: strict())
}
