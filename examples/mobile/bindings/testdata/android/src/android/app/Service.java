package android.app;

/** Stub. */
public abstract class Service extends android.content.Context {
	public void onDestroy() {}
	public abstract android.os.IBinder onBind(android.content.Intent intent);
}
