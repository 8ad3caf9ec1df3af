package org.example.door

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import org.posternlock.postern.Key
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.PublicKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec

/** The holder's P-256 key, in StrongBox or in the phone's trusted environment. */
class KeystoreKey(private val private: PrivateKey, private val public: PublicKey) : Key {
    override fun publicKey(): ByteArray = public.encoded // SubjectPublicKeyInfo

    override fun sign(message: ByteArray): ByteArray =
        Signature.getInstance("SHA256withECDSA").run { // DER
            initSign(private)
            update(message)
            sign()
        }

    companion object {
        private const val PROVIDER = "AndroidKeyStore"

        /** Loads the key of the name, or makes it.  It never leaves the hardware. */
        fun load(alias: String): KeystoreKey {
            val store = KeyStore.getInstance(PROVIDER)
            store.load(null)
            if (!store.containsAlias(alias)) {
                try {
                    make(alias, true)
                } catch (e: StrongBoxUnavailableException) {
                    make(alias, false)
                }
            }
            return KeystoreKey(store.getKey(alias, null) as PrivateKey, store.getCertificate(alias).publicKey)
        }

        private fun make(alias: String, strongBox: Boolean) {
            val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                .setDigests(KeyProperties.DIGEST_SHA256)
                .setIsStrongBoxBacked(strongBox)
                .setUnlockedDeviceRequired(true)
                // A person was there within the last 30 seconds: see "User presence".
                .setUserAuthenticationRequired(true)
                .setUserAuthenticationParameters(30, KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL)
                .build()
            KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER).run {
                initialize(spec)
                generateKeyPair()
            }
        }
    }
}
