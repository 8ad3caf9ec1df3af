package android.nfc.tech;

import android.nfc.Tag;
import java.io.IOException;

/** Stub: a tag of the test's, whose field can be lost. */
public abstract class IsoDep implements java.io.Closeable {
	private boolean connected;
	private int timeout;

	public static IsoDep get(Tag tag) { return tag.tech instanceof IsoDep ? (IsoDep) tag.tech : null; }
	public void connect() throws IOException { connected = true; }
	public boolean isConnected() { return connected; }
	public void setTimeout(int milliseconds) { timeout = milliseconds; }
	public int getTimeout() { return timeout; }
	public boolean isExtendedLengthApduSupported() { return true; }
	public int getMaxTransceiveLength() { return 65279; }
	public final byte[] transceive(byte[] command) throws IOException {
		if (!connected) {
			throw new IllegalStateException("Call connect() first!");
		}
		return exchange(command);
	}
	@Override public void close() throws IOException { connected = false; }
	/** The test's lock. */
	protected abstract byte[] exchange(byte[] command) throws IOException;
}
