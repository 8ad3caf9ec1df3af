package org.example.door

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.util.AtomicFile
import org.posternlock.postern.Memory
import org.posternlock.postern.Vault
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.security.KeyStore
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/** What is no secret: one file a name.  Names have no other letters than a-z, 0-9, point, hyphen. */
class FileMemory(private val dir: File) : Memory {
    override fun load(name: String): ByteArray = read(File(dir, name))

    override fun store(name: String, data: ByteArray) = write(File(dir, name), data)
}

/** Secrets, sealed by a key of the Keystore; use Context.noBackupFilesDir. */
class FileVault(private val dir: File, private val key: SecretKey) : Vault {
    override fun load(name: String): ByteArray {
        val sealed = read(File(dir, name))
        if (sealed.isEmpty()) return sealed
        if (sealed.size < NONCE + TAG / 8) throw IOException("the vault is spoilt")
        return cipher(Cipher.DECRYPT_MODE, name, sealed.copyOf(NONCE)).doFinal(sealed, NONCE, sealed.size - NONCE)
    }

    override fun store(name: String, secret: ByteArray) {
        val c = cipher(Cipher.ENCRYPT_MODE, name, null)
        write(File(dir, name), c.iv + c.doFinal(secret))
    }

    override fun delete(name: String) = AtomicFile(File(dir, name)).delete()

    /** The name is bound in, so that no secret can stand in for another. */
    private fun cipher(mode: Int, name: String, nonce: ByteArray?): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply {
            if (nonce == null) init(mode, key) else init(mode, key, GCMParameterSpec(TAG, nonce))
            updateAAD(name.toByteArray())
        }

    companion object {
        private const val NONCE = 12
        private const val TAG = 128
        private const val PROVIDER = "AndroidKeyStore"

        /** Loads the key that seals, or makes it. */
        fun key(alias: String): SecretKey {
            val store = KeyStore.getInstance(PROVIDER)
            store.load(null)
            (store.getKey(alias, null) as SecretKey?)?.let { return it }
            return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).run {
                init(
                    KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                        .setKeySize(256)
                        .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                        .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                        .build()
                )
                generateKey()
            }
        }
    }
}

private fun read(file: File): ByteArray =
    try {
        AtomicFile(file).readFully()
    } catch (e: FileNotFoundException) {
        ByteArray(0) // there is none
    }

private fun write(file: File, data: ByteArray) {
    val atomic = AtomicFile(file)
    val out = atomic.startWrite()
    try {
        out.write(data)
        atomic.finishWrite(out)
    } catch (e: IOException) {
        atomic.failWrite(out)
        throw e
    }
}
