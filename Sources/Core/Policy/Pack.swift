// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Governance
import Methodology
import Recognition
import Rewards
import Units

/// 政策包: everything that one version of a city's mechanism decides.
package struct Pack: Sendable {
  /// `chengdu`: the mechanism's name in addresses and files.
  package var code: String
  package var version: String
  package var name: Name
  package var city: Name
  /// When the document that the pack implements came into force.
  package var effective: Day
  /// The document the pack implements: the first one that it declares.
  package var document: Document
  package var documents: [Document]
  /// Seconds east of Greenwich.
  package var zone: Int32
  /// `sichuan`: whose provincial factors hold.
  package var area: String
  /// In order of preference: the first is the default.
  package var languages: [Language]

  package var behaviour: Behaviour.Rules
  /// Scene numbers by code, those handed in included: hand this in with the next version.
  package var registry: [String: SceneID]
  package var methods: [Definition]
  package var library: FactorLibrary
  package var partners: [Partner]
  /// 普惠商城: what the documents promise for points.
  package var mall: Rewards.Rules
  package var examples: [Example]
  /// Every line with a source, for pages that show what rests on what.
  package var statements: [Statement]
  /// How long points hold, and what they are worth.
  package var points: PointsPolicy
  /// 授权文本, in the order of the pack.
  package var consents: [ConsentTerms] = []
  package var people = PeopleRules()
  /// 积分互认: other programmes whose points are recognised.
  package var recognition: Recognition.Rules
  /// 权益保障: deadlines and risk rules; nil where the pack promises nothing.
  package var care: Governance.Rules?

  /// 依据文件: what brackets refer to.
  package struct Document: Hashable, Sendable {
    package var code: String
    package var title: String
    package var mark: Mark
  }

  package struct Language: Hashable, Sendable {
    /// BCP 47: `zh-CN`.
    package var tag: String
    package var name: String
  }

  /// 场景建设单位、接入平台 that the document names.
  package struct Partner: Hashable, Sendable {
    package var code: String
    package var name: Name
    package var source: Source
  }

  /// 依据: one line of the pack and its source: `cap`, `12 a day`, set by this project: why.
  package struct Statement: Hashable, Sendable {
    /// `scene shared-bike`.
    package var block: String
    /// `2010-01-01 to 2022-12-31`, where the line belongs to a rule.
    package var rule: String?
    package var key: String
    package var value: String
    package var citation: Citation
    /// What the brackets say: `CD-1`.
    package var written: String
    package var file: String
    package var line: Int
  }

  /// One file of a pack's folder; the path is relative to the folder.
  package struct File: Sendable {
    package var path: String
    package var bytes: [UInt8]
    package init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// All that is wrong, in order of file and line; never empty.
  package struct Faults: Error, Sendable, CustomStringConvertible {
    package var problems: [Problem]
    package var description: String { problems.map(\.description).joined(separator: "\n") }
  }

  /// Reads a pack from the `.txt` files of its folder; others are left alone.
  ///
  /// `registry` holds the scene numbers of earlier versions of this mechanism: empty for a new one.
  package static func parse(
    files: [File], registry: [String: SceneID] = [:]
  ) -> Result<Pack, Faults> {
    var draft = Draft(registry: registry)
    draft.read(files)
    return draft.finished()
  }

  /// The scene of a code, closed ones included.
  package func scene(_ code: String) -> Scene? {
    guard let id = registry[code] else { return nil }
    return behaviour.scenes[Int(id.raw) - 1]
  }
}
