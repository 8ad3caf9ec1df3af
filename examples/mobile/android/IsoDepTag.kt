package org.example.door

import android.nfc.tech.IsoDep
import org.posternlock.postern.Tag
import java.io.Closeable
import java.io.IOException

/** The lock in the phone's field. */
class IsoDepTag private constructor(private val isoDep: IsoDep) : Tag, Closeable {
    /** Sends one command.  TagLostException, where the field was lost, is an IOException. */
    override fun transceive(command: ByteArray): ByteArray =
        try {
            isoDep.transceive(command)
        } catch (e: SecurityException) { // another tag came meanwhile
            throw IOException("the tag is out of date", e)
        } catch (e: IllegalStateException) { // closed meanwhile
            throw IOException("the tag was closed", e)
        }

    val extended: Boolean
        get() = isoDep.isExtendedLengthApduSupported && isoDep.maxTransceiveLength > 300

    /** Ends a transceive that is under way too. */
    override fun close() {
        try {
            isoDep.close()
        } catch (e: IOException) {
            // the tag is gone already
        }
    }

    companion object {
        /** Connects; the lock may take two seconds for one answer. */
        fun connect(tag: android.nfc.Tag): IsoDepTag? {
            val isoDep = IsoDep.get(tag) ?: return null
            isoDep.connect()
            isoDep.timeout = 2000
            return IsoDepTag(isoDep)
        }
    }
}
