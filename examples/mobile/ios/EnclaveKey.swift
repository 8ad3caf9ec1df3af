import CryptoKit
import Foundation
import LocalAuthentication
import Postern

/// The holder's P-256 key in the Secure Enclave.
final class EnclaveKey: NSObject, PosternKeyProtocol {
    enum Fault: Error { case noEnclave, noMessage }

    private let key: SecureEnclave.P256.Signing.PrivateKey

    /// Loads the key, or makes it.  The context is the one that the person was asked in:
    /// see "User presence" in ios.md.
    init(vault: KeychainVault, context: LAContext) throws {
        guard SecureEnclave.isAvailable else { throw Fault.noEnclave }
        let name = "enclave-key"
        let kept = try vault.load(name)
        if kept.isEmpty {
            key = try EnclaveKey.make(context)
            try vault.store(name, secret: key.dataRepresentation) // sealed by the enclave, of use to no other
        } else {
            key = try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: kept, authenticationContext: context)
        }
        super.init()
    }

    private static func make(_ context: LAContext) throws -> SecureEnclave.P256.Signing.PrivateKey {
        var error: Unmanaged<CFError>?
        guard let access = SecAccessControlCreateWithFlags(
            nil, kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly, [.privateKeyUsage, .userPresence], &error
        ) else { throw error!.takeRetainedValue() as Error }
        return try SecureEnclave.P256.Signing.PrivateKey(accessControl: access, authenticationContext: context)
    }

    func publicKey() throws -> Data { key.publicKey.x963Representation }

    func sign(_ message: Data?) throws -> Data {
        guard let message else { throw Fault.noMessage }
        return try key.signature(for: message).derRepresentation
    }
}
