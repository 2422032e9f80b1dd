// Read for its selectors, never compiled.
#import <AppKit/AppKit.h>
@implementation Own
- (void)fire:(id)sender {}
- (NSRect)view:(NSView *)v
       didTurn:(void (^)(BOOL turned, NSError *error))reply
{ return NSZeroRect; }
+ (void)stop { if (1) {} }
@end
