package org.example.door

import android.app.Activity
import android.nfc.NfcAdapter
import android.os.Bundle
import org.posternlock.postern.Blobs
import org.posternlock.postern.Clock
import org.posternlock.postern.Key
import org.posternlock.postern.Memory
import org.posternlock.postern.Pass
import org.posternlock.postern.Phone
import org.posternlock.postern.Platform
import org.posternlock.postern.Postern
import org.posternlock.postern.Result
import org.posternlock.postern.Stop
import org.posternlock.postern.Vault
import java.io.IOException
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** Makes the library's phone: once, off the main thread, for the whole app. */
fun makePhone(key: Key, vault: Vault, memory: Memory, root: ByteArray, maker: ByteArray): Phone {
    val roots = Blobs().apply { add(root) }
    val makers = Blobs().apply { add(maker) }
    val platform = Platform()
    platform.key = key
    platform.vault = vault
    platform.memory = memory
    platform.clock = Clock { System.currentTimeMillis() / 1000 }
    platform.extended = true // where the lock and IsoDep take it
    return Postern.newPhone(platform, Postern.newTrust(roots, makers))
}

/** What the screen shows of a tap. */
interface Screen {
    fun show(opened: Boolean, advice: String)
    fun showFault(code: String)
}

/** Opens the lock that comes into the field while the screen is shown. */
class Door(private val activity: Activity, private val phone: Phone, private val screen: Screen) : NfcAdapter.ReaderCallback {
    private val worker: ExecutorService = Executors.newSingleThreadExecutor()
    @Volatile private var stop = Stop()
    @Volatile private var tag: IsoDepTag? = null
    @Volatile var operation: String = Postern.OperationOpen

    /** Call from onResume. */
    fun resume() {
        stop = Stop()
        val wait = Bundle().apply { putInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, 1000) }
        NfcAdapter.getDefaultAdapter(activity)?.enableReaderMode(
            activity, this,
            NfcAdapter.FLAG_READER_NFC_A or NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK,
            wait
        )
    }

    /** Call from onPause: ends a tap that is under way. */
    fun pause() {
        NfcAdapter.getDefaultAdapter(activity)?.disableReaderMode(activity)
        stop.cancel()
        tag?.close()
    }

    /** Call from onDestroy. */
    fun close() = worker.shutdown()

    override fun onTagDiscovered(discovered: android.nfc.Tag) {
        val current = stop
        worker.execute {
            try {
                IsoDepTag.connect(discovered)?.use {
                    tag = it
                    val result = phone.open(it, operation, current)
                    activity.runOnUiThread { screen.show(result.opened(), words(result)) }
                }
            } catch (e: IOException) { // gone before it was connected
                activity.runOnUiThread { screen.showFault("link") }
            } catch (e: Exception) {
                val code = Postern.errorCode(e.message ?: "")
                activity.runOnUiThread { screen.showFault(code) }
            } finally {
                tag = null
            }
        }
    }

    /** An app says it in the person's language, by the code. */
    private fun words(result: Result): String = when (result.advice()) {
        Postern.AdviceNone -> if (result.opened()) "Open" else "Done"
        Postern.AdviceLook -> "Look whether it is open"
        else -> result.adviceText()
    }
}

/** Takes a pass that came by a link, and keeps it. */
fun takePass(phone: Phone, memory: Memory, link: String): Pass {
    val pass = Postern.parsePass(link)
    phone.setPass(pass)
    memory.store("pass", pass.bytes())
    return pass
}
