package org.example.door.test

import android.app.Activity
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.tech.IsoDep
import org.example.door.CardService
import org.example.door.Door
import org.example.door.FileMemory
import org.example.door.FileVault
import org.example.door.KeystoreKey
import org.example.door.Screen
import org.example.door.makePhone
import org.example.door.takePass
import org.posternlock.postern.Done
import org.posternlock.postern.Phone
import org.posternlock.postern.Postern
import org.posternlock.simulated.Card
import org.posternlock.simulated.Lock
import org.posternlock.simulated.Simulated
import org.posternlock.simulated.World
import java.io.File
import java.nio.file.Files
import java.security.KeyPairGenerator
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.LinkedBlockingQueue
import javax.crypto.spec.SecretKeySpec

/** An IsoDep in front of a simulated lock, whose field can be lost. */
class FakeIsoDep(private val lock: Lock) : IsoDep() {
    var left = Int.MAX_VALUE // commands until the field is lost

    override fun connect() {
        if (left < 0) throw TagLostException("Tag was lost.")
        super.connect()
    }

    override fun exchange(command: ByteArray): ByteArray {
        if (left-- <= 0) {
            lock.leave()
            throw TagLostException("Tag was lost.")
        }
        return lock.transceive(command)
    }
}

class Shown : Screen {
    val all = LinkedBlockingQueue<String>()
    override fun show(opened: Boolean, advice: String) { all.add(advice) }
    override fun showFault(code: String) { all.add("fault $code") }
}

/** A phone as the guide makes it, but for keys of the JDK in place of Keystore's. */
class Scene {
    val dir: File = Files.createTempDirectory("door").toFile()
    val world: World = Simulated.newWorld()
    val lock: Lock = Simulated.newLock(world, false)
    val key = KeyPairGenerator.getInstance("EC").run {
        initialize(ECGenParameterSpec("secp256r1"))
        generateKeyPair()
    }.let { KeystoreKey(it.private, it.public) }
    val vault = FileVault(dir, SecretKeySpec(ByteArray(32) { 7 }, "AES"))
    val memory = FileMemory(dir)
    val phone: Phone = makePhone(key, vault, memory, world.root(), world.maker())
    val shown = Shown()
    val activity = Activity(dir)
    val door = Door(activity, phone, shown)

    fun admit() {
        val grants = org.posternlock.postern.Blobs().apply { add(world.guest(phone.requestLink())) }
        takePass(phone, memory, Postern.newPass(grants, null, null).link())
    }

    fun tap(commands: Int = Int.MAX_VALUE): String {
        val reader = NfcAdapter.getDefaultAdapter(activity)
        reader.waiting.onTagDiscovered(Tag(FakeIsoDep(lock).apply { left = commands }))
        return shown.all.take()
    }
}

fun requireThat(good: Boolean, says: () -> Any) { if (!good) throw AssertionError(says()) }

/** Ends the program at the first fault: Go's threads, which are attached, would keep it. */
fun test(name: String, body: () -> Unit) {
    try {
        body()
    } catch (fault: Throwable) {
        println("failed $name")
        fault.printStackTrace(System.out)
        System.exit(1)
    }
    println("ok $name")
}

fun main() {
    test("the door opens, and again from the vault") {
        val s = Scene()
        s.admit()
        s.door.resume()
        for (n in 1L..2L) {
            val said = s.tap()
            requireThat(said == "Open") { said }
            requireThat(s.lock.driven() == n) { s.lock.driven() }
        }
        requireThat(s.dir.list().any { it.startsWith("slot-") }) { "no slot is kept" }
        s.door.pause()
        s.door.close()
    }
    test("a field that is lost in mid-tap") {
        for (commands in 0..2) {
            val s = Scene()
            s.admit()
            s.door.resume()
            val said = s.tap(commands)
            requireThat(said != "Open" && !said.startsWith("fault")) { said }
            requireThat(s.lock.driven() == 0L) { "the bolt moved" }
            requireThat(s.tap() == "Open") { "the next tap opens" }
            s.door.close()
        }
    }
    test("a tag that is gone at once") {
        val s = Scene()
        s.admit()
        s.door.resume()
        val said = s.tap(-1)
        requireThat(said == "fault link") { said }
        s.door.close()
    }
    test("the pass and the vault are there after a start") {
        val s = Scene()
        s.admit()
        val pass = Postern.openPass(s.memory.load("pass"))
        requireThat(pass.lock() == s.world.lockID()) { pass.lock() }
        s.vault.store("log-1", byteArrayOf(1, 2, 3))
        requireThat(s.vault.load("log-1").contentEquals(byteArrayOf(1, 2, 3))) { "not what was stored" }
        requireThat(s.vault.load("log-2").isEmpty()) { "there is none" }
        s.dir.resolve("log-1").copyTo(s.dir.resolve("log-2"))
        try {
            s.vault.load("log-2")
            throw AssertionError("a secret stands in for another")
        } catch (e: javax.crypto.AEADBadTagException) {
            s.vault.delete("log-1")
        }
        requireThat(s.vault.load("log-1").isEmpty()) { "it was deleted" }
    }
    test("a powered lock reads the phone") {
        val s = Scene()
        s.admit()
        s.phone.expect(s.world.lockID())
        val told = LinkedBlockingQueue<Boolean>()
        CardService.chosen = s.phone.card(Postern.newAsk(Postern.OperationOpen), null, Done { told.add(it.opened()) })
        val service = CardService()
        s.lock.read(Card { command ->
            requireThat(service.processCommandApdu(command, null) == null) { "answered at once" }
            service.answers.take()
        })
        requireThat(told.take()) { "the lock did not open" }
        service.onDeactivated(0)
        service.onDestroy()
        CardService.chosen = null
    }
    println("all passed")
    System.exit(0)
}
