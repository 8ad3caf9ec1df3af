package org.example.door

import android.nfc.cardemulation.HostApduService
import android.os.Bundle
import org.posternlock.postern.Card
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** The phone as the card that a powered lock reads (binding R). */
class CardService : HostApduService() {
    private val worker: ExecutorService = Executors.newSingleThreadExecutor()

    /** Every command is answered from the worker, since one of them signs. */
    override fun processCommandApdu(command: ByteArray, extras: Bundle?): ByteArray? {
        worker.execute {
            val answer = try {
                chosen?.process(command)
            } catch (e: Exception) {
                null
            }
            sendResponseApdu(answer ?: REFUSED)
        }
        return null
    }

    override fun onDeactivated(reason: Int) {
        worker.execute {
            try {
                chosen?.reset()
            } catch (e: Exception) {
                // the tap is over in any case
            }
        }
    }

    override fun onDestroy() {
        worker.shutdown()
        super.onDestroy()
    }

    companion object {
        private val REFUSED = byteArrayOf(0x69, 0x85.toByte())

        /** What the person chose to open: Phone.card after Phone.expect.  Null opens nothing. */
        @Volatile var chosen: Card? = null
    }
}
