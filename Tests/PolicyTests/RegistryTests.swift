// SPDX-License-Identifier: Apache-2.0
import Behaviour
import Policy
import Testing
import Units

@Suite("scene numbers outlive versions of a pack")
struct RegistryTests {
  @Test("a new mechanism numbers its scenes in the order of the files")
  func order() throws {
    let pack = try Shipped.chengdu.pack()
    #expect(pack.behaviour.scenes.first?.code == "bus")
    for (index, scene) in pack.behaviour.scenes.enumerated() {
      #expect(Int(scene.id.raw) == index + 1)
      #expect(pack.registry[scene.code] == scene.id)
    }
  }

  @Test("known scenes keep their numbers, new ones come after, dropped ones stay as closed")
  func stable() throws {
    let before: [String: SceneID] = ["metro": SceneID(1), "tram": SceneID(2), "bus": SceneID(5)]
    let pack = try Pack.parse(files: Shipped.chengdu.files, registry: before).get()
    #expect(pack.registry["metro"] == SceneID(1))
    #expect(pack.registry["bus"] == SceneID(5))
    #expect(pack.registry["shared-bike"] == SceneID(6))
    #expect(pack.scene("tram")?.closed == true)
    #expect(pack.behaviour.scenes[2].closed)
    #expect(pack.scene("shared-bike")?.id == SceneID(6))
    let again = try Pack.parse(files: Shipped.chengdu.files, registry: pack.registry).get()
    #expect(again.registry == pack.registry)
  }

  @Test("the order in which files are handed in changes nothing")
  func files() throws {
    let pack = try Pack.parse(files: Shipped.chengdu.files).get()
    let reversed = try Pack.parse(files: Shipped.chengdu.files.reversed()).get()
    #expect(pack.registry == reversed.registry)
  }
}
