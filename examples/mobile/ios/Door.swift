import CoreNFC
import Foundation
import Postern

/// Makes the library's phone: once for the whole app, off the main thread.
func makePhone(key: EnclaveKey, vault: KeychainVault, memory: FileMemory, root: Data, maker: Data) throws -> PosternPhone {
    let roots = PosternNewBlobs()!, makers = PosternNewBlobs()! // never nil, though their header cannot say so
    try roots.add(root)
    try makers.add(maker)
    let platform = PosternPlatform()
    platform.key = key
    platform.vault = vault
    platform.memory = memory
    platform.clock = PhoneClock()
    // A function of the library tells its error by a pointer, and a method throws.
    var error: NSError?
    guard let trust = PosternNewTrust(roots, makers, &error),
          let phone = PosternNewPhone(platform, trust, &error)
    else { throw error ?? NSError(domain: "postern", code: 0) }
    return phone
}

/// Takes a pass that came by a link, and keeps it.
func takePass(_ phone: PosternPhone, _ memory: FileMemory, link: String) throws {
    var error: NSError?
    guard let pass = PosternParsePass(link, &error) else { throw error ?? NSError(domain: "postern", code: 0) }
    try phone.setPass(pass)
    try memory.store("pass", data: pass.bytes())
}

/// One tap: shows the system's sheet, waits for a lock, asks it, and returns what became of it.
final class Door: NSObject, NFCTagReaderSessionDelegate, @unchecked Sendable {
    enum Fault: Error { case noNFC, otherTag }

    private let phone: PosternPhone
    private let operation: String
    private let stop = PosternNewStop()! // never nil
    private let events = DispatchQueue(label: "door.events") // Core NFC calls here
    private let taps = DispatchQueue(label: "door.taps") // the library waits here
    private var session: NFCTagReaderSession? // events alone
    private var waiting: CheckedContinuation<PosternResult, Error>? // events alone
    private var tapping = false // events alone: the library is at the lock

    private init(_ phone: PosternPhone, _ operation: String) {
        self.phone = phone
        self.operation = operation
    }

    /// Cancelling the task ends the tap.
    static func tap(_ phone: PosternPhone, operation: String = PosternOperationOpen) async throws -> PosternResult {
        guard NFCTagReaderSession.readingAvailable else { throw Fault.noNFC }
        let door = Door(phone, operation)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                door.events.async { door.begin(continuation) }
            }
        } onCancel: {
            door.stop.cancel()
            door.events.async { door.session?.invalidate() }
        }
    }

    private func begin(_ continuation: CheckedContinuation<PosternResult, Error>) {
        waiting = continuation
        if stop.cancelled() { return end(.failure(CancellationError()), message: nil) }
        session = NFCTagReaderSession(pollingOption: .iso14443, delegate: self, queue: events)
        guard let session = session else { return end(.failure(Fault.noNFC), message: nil) }
        session.alertMessage = "Hold the phone to the lock."
        session.begin()
    }

    func tagReaderSessionDidBecomeActive(_ session: NFCTagReaderSession) {}

    /// The sheet was closed, or its minute is over.  A tap that was begun ends with its own
    /// result all the same, since the bolt may have moved.
    func tagReaderSession(_ session: NFCTagReaderSession, didInvalidateWithError error: Error) {
        stop.cancel()
        if !tapping { end(.failure(error), message: nil) }
    }

    func tagReaderSession(_ session: NFCTagReaderSession, didDetect tags: [NFCTag]) {
        guard tags.count == 1, case let .iso7816(tag) = tags[0] else {
            return end(.failure(Fault.otherTag), message: "This is no lock.")
        }
        session.connect(to: tags[0]) { error in // on events
            if let error { return self.end(.failure(error), message: "Hold the phone still, and try again.") }
            guard self.waiting != nil else { return } // the sheet was closed meanwhile
            self.tapping = true
            self.taps.async {
                let result = Result { try self.phone.open(LockTag(tag), operation: self.operation, stop: self.stop) }
                self.events.async { self.end(result, message: (try? result.get())?.adviceText()) }
            }
        }
    }

    /// Returns the result, once, and closes the sheet.
    private func end(_ result: Result<PosternResult, Error>, message: String?) {
        guard let continuation = waiting else { return }
        waiting = nil
        if (try? result.get())?.opened() == true {
            session?.alertMessage = "Open."
            session?.invalidate()
        } else if let message {
            session?.invalidate(errorMessage: message)
        } else {
            session?.invalidate()
        }
        session = nil
        continuation.resume(with: result)
    }
}
