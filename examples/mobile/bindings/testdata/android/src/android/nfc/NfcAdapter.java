package android.nfc;

import android.app.Activity;
import android.os.Bundle;

/** Stub: keeps who waits for tags. */
public final class NfcAdapter {
	public static final int FLAG_READER_NFC_A = 1;
	public static final int FLAG_READER_NFC_B = 2;
	public static final int FLAG_READER_SKIP_NDEF_CHECK = 128;
	public static final int FLAG_READER_NO_PLATFORM_SOUNDS = 256;
	public static final String EXTRA_READER_PRESENCE_CHECK_DELAY = "presence";

	public interface ReaderCallback {
		void onTagDiscovered(Tag tag);
	}

	private static final NfcAdapter only = new NfcAdapter();
	public ReaderCallback waiting;

	public static NfcAdapter getDefaultAdapter(android.content.Context context) { return only; }
	public void enableReaderMode(Activity activity, ReaderCallback callback, int flags, Bundle extras) { waiting = callback; }
	public void disableReaderMode(Activity activity) { waiting = null; }
}
