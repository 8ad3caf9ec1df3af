// What an app writes on iOS, as Objective-C: the check that ios.md names methods that
// exist.  The tag and the key are the app's; here they only have the right form.
#import "Postern.objc.h"

@interface DoorTag : NSObject <PosternTag>
@end
@implementation DoorTag
- (NSData *)transceive:(NSData *)command error:(NSError **)error {
	if (error != nil) {
		*error = [NSError errorWithDomain:@"door" code:1 userInfo:nil];
	}
	return nil;
}
@end

@interface DoorKey : NSObject <PosternKey>
@end
@implementation DoorKey
- (NSData *)publicKey:(NSError **)error {
	return [NSData data];
}
- (NSData *)sign:(NSData *)message error:(NSError **)error {
	return message;
}
@end

@interface DoorVault : NSObject <PosternVault, PosternMemory>
@end
@implementation DoorVault
- (NSData *)load:(NSString *)name error:(NSError **)error {
	return [NSData data];
}
- (BOOL)store:(NSString *)name secret:(NSData *)secret error:(NSError **)error {
	return YES;
}
- (BOOL)store:(NSString *)name data:(NSData *)data error:(NSError **)error {
	return YES;
}
- (BOOL)delete:(NSString *)name error:(NSError **)error {
	return YES;
}
@end

@interface DoorClock : NSObject <PosternClock>
@end
@implementation DoorClock
- (BOOL)now:(int64_t *)seconds error:(NSError **)error {
	*seconds = 1800000000;
	return YES;
}
@end

PosternPhone *makePhone(NSData *root, NSData *maker, NSError **error) {
	PosternBlobs *roots = PosternNewBlobs(), *makers = PosternNewBlobs();
	if (![roots add:root error:error] || ![makers add:maker error:error]) {
		return nil;
	}
	PosternTrust *trust = PosternNewTrust(roots, makers, error);
	PosternPlatform *platform = [[PosternPlatform alloc] init];
	DoorVault *vault = [[DoorVault alloc] init];
	platform.key = [[DoorKey alloc] init];
	platform.vault = vault;
	platform.memory = vault;
	platform.clock = [[DoorClock alloc] init];
	platform.extended = YES;
	return PosternNewPhone(platform, trust, error);
}

BOOL openDoor(PosternPhone *phone, NSData *kept, PosternStop *stop, NSError **error) {
	PosternPass *pass = PosternOpenPass(kept, error);
	if (pass == nil || ![phone setPass:pass error:error]) {
		return NO;
	}
	PosternResult *result = [phone open:[[DoorTag alloc] init] operation:PosternOperationOpen stop:stop error:error];
	if (result == nil) {
		return NO;
	}
	NSLog(@"%@ %@ %@", [result outcome], [result reason], [result adviceText]);
	for (long i = 0; i < [[result documents] len]; i++) {
		NSLog(@"%d", [[[result documents] at:i] held]);
	}
	return [result opened];
}

PosternBox *moveIn(PosternPhone *phone, NSString *lock, NSData *secret, NSError **error) {
	PosternBox *box = PosternNewBox(phone, lock, error);
	PosternResult *result = [box moveIn:[[DoorTag alloc] init] secret:secret stop:nil error:error];
	return [[result outcome] isEqual:PosternOutcomeDone] ? box : nil;
}
