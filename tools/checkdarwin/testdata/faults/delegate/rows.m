#import <AppKit/AppKit.h>

@interface Rows : NSObject <NSTableViewDelegate>
@end
@implementation Rows
- (NSInteger)tableView:(NSTableView *)t heightOfRow:(NSInteger)r { return 1; }
@end
