import Foundation
import Postern
import Security

/// Secrets in the Keychain, on this phone alone and while it is unlocked.
final class KeychainVault: NSObject, PosternVaultProtocol {
    struct Fault: Error { let status: OSStatus }

    private let service: String

    init(service: String) { self.service = service }

    private func query(_ name: String?) -> [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: name ?? ""]
    }

    /// Empty where there is none: nil would be an error in Objective-C.
    func load(_ name: String?) throws -> Data {
        var item: CFTypeRef?
        let status = SecItemCopyMatching(query(name).merging([kSecReturnData: true]) { $1 } as CFDictionary, &item)
        switch status {
        case errSecSuccess: return item as? Data ?? Data()
        case errSecItemNotFound: return Data()
        default: throw Fault(status: status)
        }
    }

    func store(_ name: String?, secret: Data?) throws {
        let value: [CFString: Any] = [
            kSecValueData: secret ?? Data(),
            kSecAttrAccessible: kSecAttrAccessibleWhenUnlockedThisDeviceOnly,
        ]
        var status = SecItemUpdate(query(name) as CFDictionary, value as CFDictionary)
        if status == errSecItemNotFound {
            status = SecItemAdd(query(name).merging(value) { $1 } as CFDictionary, nil)
        }
        guard status == errSecSuccess else { throw Fault(status: status) }
    }

    func delete(_ name: String?) throws {
        let status = SecItemDelete(query(name) as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else { throw Fault(status: status) }
    }
}

/// What is no secret, one file a name.  Names have no other letters than a-z, 0-9, point,
/// hyphen.
final class FileMemory: NSObject, PosternMemoryProtocol {
    private let folder: URL

    init(folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func load(_ name: String?) throws -> Data {
        let file = folder.appendingPathComponent(name ?? "")
        guard FileManager.default.fileExists(atPath: file.path) else { return Data() }
        return try Data(contentsOf: file)
    }

    func store(_ name: String?, data: Data?) throws {
        try (data ?? Data()).write(to: folder.appendingPathComponent(name ?? ""), options: [.atomic, .completeFileProtection])
    }
}

/// The phone's clock.
final class PhoneClock: NSObject, PosternClockProtocol {
    func now(_ seconds: UnsafeMutablePointer<Int64>?) throws {
        seconds?.pointee = Int64(Date().timeIntervalSince1970)
    }
}
