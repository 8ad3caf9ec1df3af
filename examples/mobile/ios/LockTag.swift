import CoreNFC
import Foundation
import Postern

/// The lock in the phone's field.  The library calls it from the thread of the tap,
/// which waits here for Core NFC's queue.
final class LockTag: NSObject, PosternTagProtocol {
    enum Fault: Error { case noCommand, silent }

    private let tag: NFCISO7816Tag
    private let seconds: Double

    init(_ tag: NFCISO7816Tag, seconds: Double = 5) {
        self.tag = tag
        self.seconds = seconds
    }

    func transceive(_ command: Data?) throws -> Data {
        // A copy: Core NFC may still have the command when this has given up, and what came
        // is the library's memory, until this returns.
        guard let command, let apdu = NFCISO7816APDU(data: Data([UInt8](command))) else { throw Fault.noCommand }
        let answer = Answer()
        tag.sendCommand(apdu: apdu) { data, sw1, sw2, error in
            if let error {
                answer.set(.failure(error))
            } else {
                answer.set(.success(data + [sw1, sw2]))
            }
        }
        return try answer.wait(seconds)
    }

    /// What Core NFC hands from its queue to the thread that waits.
    private final class Answer: @unchecked Sendable {
        private let ready = DispatchSemaphore(value: 0)
        private let lock = NSLock()
        private var result: Result<Data, Error> = .failure(Fault.silent)

        func set(_ result: Result<Data, Error>) {
            lock.lock()
            self.result = result
            lock.unlock()
            ready.signal()
        }

        func wait(_ seconds: Double) throws -> Data {
            _ = ready.wait(timeout: .now() + seconds)
            lock.lock()
            defer { lock.unlock() }
            return try result.get()
        }
    }
}
