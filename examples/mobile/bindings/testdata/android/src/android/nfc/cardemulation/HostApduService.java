package android.nfc.cardemulation;

import android.os.Bundle;

/** Stub: hands the answers that come later to the test. */
public abstract class HostApduService extends android.app.Service {
	public static final int DEACTIVATION_LINK_LOSS = 0;
	public final java.util.concurrent.BlockingQueue<byte[]> answers = new java.util.concurrent.LinkedBlockingQueue<>();

	public abstract byte[] processCommandApdu(byte[] command, Bundle extras);
	public abstract void onDeactivated(int reason);
	public final void sendResponseApdu(byte[] response) { answers.add(response); }
	@Override public final android.os.IBinder onBind(android.content.Intent intent) { return null; }
}
