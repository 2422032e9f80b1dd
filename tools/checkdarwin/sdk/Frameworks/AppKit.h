#include <Foundation/Foundation.h>
@class NSApplication, NSColor, NSCursor, NSEvent, NSFont, NSImage, NSMenu, NSMenuItem, NSPasteboard, NSScreen, NSTableColumn, NSTableView, NSView, NSWindow;
typedef NSUInteger NSWindowStyleMask, NSBackingStoreType, NSDragOperation, NSEventType, NSEventModifierFlags, NSEventMask;
typedef NSUInteger NSWindowCollectionBehavior, NSAutoresizingMaskOptions, NSApplicationTerminateReply, NSTrackingAreaOptions;
typedef NSInteger NSApplicationActivationPolicy, NSWindowLevel, NSModalResponse, NSControlStateValue, NSWindowOrderingMode;
typedef NSInteger NSVisualEffectMaterial, NSVisualEffectBlendingMode, NSVisualEffectState, NSTextAlignment, NSFocusRingType;
typedef NSUInteger NSButtonType, NSBezelStyle, NSBorderType;
typedef NSString *NSPasteboardType, *NSPasteboardReadingOptionKey, *NSAccessibilityRole, *NSAccessibilityNotificationName, *NSAppearanceName, *NSUserInterfaceItemIdentifier;
enum { NSWindowStyleMaskBorderless = 0, NSWindowStyleMaskTitled = 1 << 0, NSWindowStyleMaskClosable = 1 << 1, NSWindowStyleMaskMiniaturizable = 1 << 2,
	NSWindowStyleMaskResizable = 1 << 3, NSWindowStyleMaskUtilityWindow = 1 << 4, NSWindowStyleMaskNonactivatingPanel = 1 << 7,
	NSWindowStyleMaskFullSizeContentView = 1 << 15 };
enum { NSBackingStoreBuffered = 2 };
enum { NSDragOperationNone = 0, NSDragOperationCopy = 1, NSDragOperationGeneric = 4 };
enum { NSEventTypeLeftMouseDown = 1, NSEventTypeLeftMouseUp, NSEventTypeRightMouseDown, NSEventTypeRightMouseUp, NSEventTypeMouseMoved, NSEventTypeLeftMouseDragged,
	NSEventTypeMouseEntered = 8, NSEventTypeMouseExited, NSEventTypeKeyDown, NSEventTypeKeyUp, NSEventTypeFlagsChanged, NSEventTypeApplicationDefined = 15 };
enum { NSEventModifierFlagCapsLock = 1 << 16, NSEventModifierFlagShift = 1 << 17, NSEventModifierFlagControl = 1 << 18,
	NSEventModifierFlagOption = 1 << 19, NSEventModifierFlagCommand = 1 << 20, NSEventModifierFlagFunction = 1 << 23 };
static const NSEventType NSKeyDown __attribute__((deprecated)) = NSEventTypeKeyDown;
static const NSEventType NSKeyUp __attribute__((deprecated)) = NSEventTypeKeyUp;
static const NSEventType NSApplicationDefined __attribute__((deprecated)) = NSEventTypeApplicationDefined;
typedef NSUInteger NSPasteboardContentsOptions;
enum { NSPasteboardContentsCurrentHostOnly = 1 << 0 };
enum { NSWindowCollectionBehaviorCanJoinAllSpaces = 1 << 0, NSWindowCollectionBehaviorMoveToActiveSpace = 1 << 1, NSWindowCollectionBehaviorTransient = 1 << 3,
	NSWindowCollectionBehaviorIgnoresCycle = 1 << 6, NSWindowCollectionBehaviorFullScreenAuxiliary = 1 << 8 };
enum { NSApplicationActivationPolicyRegular, NSApplicationActivationPolicyAccessory, NSApplicationActivationPolicyProhibited };
enum { NSTerminateCancel, NSTerminateNow, NSTerminateLater };
enum { NSViewWidthSizable = 2, NSViewHeightSizable = 16 };
enum { NSModalResponseOK = 1, NSModalResponseCancel = 0 };
enum { NSWindowAbove = 1, NSWindowBelow = -1, NSWindowOut = 0 };
static const NSWindowLevel NSNormalWindowLevel = 0, NSFloatingWindowLevel = 3, NSModalPanelWindowLevel = 8, NSStatusWindowLevel = 25, NSPopUpMenuWindowLevel = 101;
enum { NSWindowSharingNone, NSWindowSharingReadOnly };
typedef NSUInteger NSWindowSharingType;
extern NSPasteboardType const NSPasteboardTypeString, NSPasteboardTypePNG, NSPasteboardTypeFileURL;
extern NSPasteboardReadingOptionKey const NSPasteboardURLReadingFileURLsOnlyKey;
extern NSString *const NSFilenamesPboardType __attribute__((deprecated));
extern NSNotificationName const NSWorkspaceWillSleepNotification, NSWorkspaceDidWakeNotification, NSWorkspaceScreensDidSleepNotification,
	NSWorkspaceScreensDidWakeNotification, NSWorkspaceSessionDidResignActiveNotification, NSWorkspaceSessionDidBecomeActiveNotification,
	NSWorkspaceWillPowerOffNotification, NSWorkspaceDidActivateApplicationNotification, NSWorkspaceAccessibilityDisplayOptionsDidChangeNotification,
	NSApplicationDidChangeScreenParametersNotification, NSSystemColorsDidChangeNotification, NSControlTextDidChangeNotification,
	NSViewBoundsDidChangeNotification, NSViewFrameDidChangeNotification, NSWindowDidResizeNotification;
extern NSAccessibilityNotificationName const NSAccessibilityAnnouncementRequestedNotification, NSAccessibilityLayoutChangedNotification,
	NSAccessibilityCreatedNotification, NSAccessibilityValueChangedNotification, NSAccessibilityFocusedUIElementChangedNotification;
extern NSString *const NSAccessibilityAnnouncementKey, *const NSAccessibilityPriorityKey;
extern NSAccessibilityRole const NSAccessibilityButtonRole, NSAccessibilityStaticTextRole, NSAccessibilityGroupRole, NSAccessibilityRowRole,
	NSAccessibilityImageRole, NSAccessibilityListRole;
extern NSAppearanceName const NSAppearanceNameAqua, NSAppearanceNameDarkAqua;
extern NSAttributedStringKey const NSFontAttributeName, NSForegroundColorAttributeName, NSParagraphStyleAttributeName;
extern NSApplication *NSApp;
void NSBeep(void);
void NSRectFill(NSRect);
void NSAccessibilityPostNotification(id element, NSAccessibilityNotificationName n);
void NSAccessibilityPostNotificationWithUserInfo(id element, NSAccessibilityNotificationName n, NSDictionary *info);

@protocol NSDraggingInfo <NSObject>
@property(readonly) NSPasteboard *draggingPasteboard;
@property(readonly) NSPoint draggingLocation;
@property(readonly) NSDragOperation draggingSourceOperationMask;
@end
@protocol NSDraggingDestination <NSObject>
@optional
- (NSDragOperation)draggingEntered:(id<NSDraggingInfo>)i;
- (NSDragOperation)draggingUpdated:(id<NSDraggingInfo>)i;
- (void)draggingExited:(id<NSDraggingInfo>)i;
- (BOOL)prepareForDragOperation:(id<NSDraggingInfo>)i;
- (BOOL)performDragOperation:(id<NSDraggingInfo>)i;
@end
@protocol NSApplicationDelegate <NSObject>
@optional
- (void)applicationWillFinishLaunching:(NSNotification *)n;
- (void)applicationDidFinishLaunching:(NSNotification *)n;
- (void)applicationWillTerminate:(NSNotification *)n;
- (void)applicationDidResignActive:(NSNotification *)n;
- (NSApplicationTerminateReply)applicationShouldTerminate:(NSApplication *)a;
- (BOOL)applicationShouldTerminateAfterLastWindowClosed:(NSApplication *)a;
- (BOOL)applicationShouldHandleReopen:(NSApplication *)a hasVisibleWindows:(BOOL)v;
- (BOOL)applicationSupportsSecureRestorableState:(NSApplication *)a;
@end
@protocol NSWindowDelegate <NSObject>
@optional
- (BOOL)windowShouldClose:(NSWindow *)w;
- (void)windowWillClose:(NSNotification *)n;
- (void)windowDidBecomeKey:(NSNotification *)n;
- (void)windowDidResignKey:(NSNotification *)n;
- (void)windowDidResize:(NSNotification *)n;
- (void)windowDidMove:(NSNotification *)n;
@end
@protocol NSMenuDelegate <NSObject>
@optional
- (void)menuNeedsUpdate:(NSMenu *)m;
- (void)menuWillOpen:(NSMenu *)m;
- (void)menuDidClose:(NSMenu *)m;
@end
@protocol NSControlTextEditingDelegate <NSObject>
@optional
- (void)controlTextDidChange:(NSNotification *)n;
- (void)controlTextDidEndEditing:(NSNotification *)n;
- (BOOL)control:(id)c textView:(id)t doCommandBySelector:(SEL)s;
@end
@protocol NSTextFieldDelegate <NSControlTextEditingDelegate> @end
@protocol NSTableViewDataSource <NSObject>
@optional
- (NSInteger)numberOfRowsInTableView:(NSTableView *)t;
- (id)tableView:(NSTableView *)t objectValueForTableColumn:(NSTableColumn *)c row:(NSInteger)r;
@end
@protocol NSTableViewDelegate <NSControlTextEditingDelegate>
@optional
- (NSView *)tableView:(NSTableView *)t viewForTableColumn:(NSTableColumn *)c row:(NSInteger)r;
- (CGFloat)tableView:(NSTableView *)t heightOfRow:(NSInteger)r;
- (BOOL)tableView:(NSTableView *)t shouldSelectRow:(NSInteger)r;
- (void)tableViewSelectionDidChange:(NSNotification *)n;
@end
@protocol NSTextInputClient
- (BOOL)hasMarkedText;
@end

// Accessibility: NSView, NSWindow, NSCell and NSApplication all have it.
@interface NSObject (Accessibility)
@property(getter=isAccessibilityElement) BOOL accessibilityElement;
@property(copy) NSString *accessibilityLabel, *accessibilityTitle, *accessibilityHelp, *accessibilityIdentifier;
@property(copy) NSAccessibilityRole accessibilityRole;
@property(retain) id accessibilityValue;
- (BOOL)accessibilityPerformPress;
@end
@interface NSObject (KeyCommands)
- (void)cancelOperation:(id)sender;
- (void)insertNewline:(id)sender;
@end

@interface NSResponder : NSObject
@property(assign) NSResponder *nextResponder;
@property(readonly) BOOL acceptsFirstResponder;
- (BOOL)becomeFirstResponder;
- (BOOL)resignFirstResponder;
- (BOOL)performKeyEquivalent:(NSEvent *)e;
- (void)keyDown:(NSEvent *)e;
- (void)keyUp:(NSEvent *)e;
- (void)flagsChanged:(NSEvent *)e;
- (void)mouseDown:(NSEvent *)e;
- (void)mouseUp:(NSEvent *)e;
- (void)mouseDragged:(NSEvent *)e;
- (void)mouseEntered:(NSEvent *)e;
- (void)mouseExited:(NSEvent *)e;
- (void)interpretKeyEvents:(NSArray *)e;
@end
@interface NSEvent : NSObject <NSCopying>
@property(readonly) NSEventType type;
@property(readonly) NSEventModifierFlags modifierFlags;
@property(class, readonly) NSEventModifierFlags modifierFlags;
@property(readonly) unsigned short keyCode;
@property(readonly, copy) NSString *characters, *charactersIgnoringModifiers;
@property(readonly, getter=isARepeat) BOOL ARepeat;
@property(readonly) NSPoint locationInWindow;
@property(readonly) NSInteger clickCount;
@property(readonly) NSTimeInterval timestamp;
@property(readonly) NSWindow *window;
@property(class, readonly) NSPoint mouseLocation;
+ (id)addLocalMonitorForEventsMatchingMask:(NSEventMask)m handler:(NSEvent * (^)(NSEvent *))b;
+ (id)addGlobalMonitorForEventsMatchingMask:(NSEventMask)m handler:(void (^)(NSEvent *))b;
+ (void)removeMonitor:(id)m;
- (NSString *)charactersByApplyingModifiers:(NSEventModifierFlags)m;
+ (NSEvent *)otherEventWithType:(NSEventType)t location:(NSPoint)p modifierFlags:(NSEventModifierFlags)f timestamp:(NSTimeInterval)ts
	windowNumber:(NSInteger)w context:(id)c subtype:(short)s data1:(NSInteger)d1 data2:(NSInteger)d2;
@end
@interface NSAppearance : NSObject
@property(readonly, copy) NSAppearanceName name;
+ (NSAppearance *)appearanceNamed:(NSAppearanceName)n;
- (NSAppearanceName)bestMatchFromAppearancesWithNames:(NSArray *)n;
@end
@interface NSView : NSResponder <NSDraggingDestination>
@property NSRect frame, bounds;
@property(readonly, assign) NSWindow *window;
@property(readonly, assign) NSView *superview;
@property(copy) NSArray<NSView *> *subviews;
@property(getter=isHidden) BOOL hidden;
@property BOOL needsDisplay, wantsLayer, postsBoundsChangedNotifications, postsFrameChangedNotifications;
@property(readonly, getter=isFlipped) BOOL flipped;
@property NSAutoresizingMaskOptions autoresizingMask;
@property CGFloat alphaValue;
@property(copy) NSString *toolTip;
@property(readonly, retain) NSAppearance *effectiveAppearance;
@property(readonly) BOOL mouseDownCanMoveWindow;
- (instancetype)initWithFrame:(NSRect)f;
- (void)addSubview:(NSView *)v;
- (void)removeFromSuperview;
- (void)drawRect:(NSRect)r;
- (void)setNeedsDisplayInRect:(NSRect)r;
- (NSView *)hitTest:(NSPoint)p;
- (BOOL)acceptsFirstMouse:(NSEvent *)e;
- (void)viewDidChangeEffectiveAppearance;
- (void)viewDidMoveToWindow;
- (void)updateTrackingAreas;
- (void)resetCursorRects;
- (NSPoint)convertPoint:(NSPoint)p fromView:(NSView *)v;
- (NSRect)convertRect:(NSRect)r toView:(NSView *)v;
- (void)registerForDraggedTypes:(NSArray *)t;
- (void)unregisterDraggedTypes;
@end
@interface NSWindow : NSResponder
- (void)performWindowDragWithEvent:(NSEvent *)e;
@property(readonly) NSRect frame;
@property(retain) NSView *contentView;
@property(assign) id<NSWindowDelegate> delegate;
@property(copy) NSString *title;
@property NSWindowLevel level;
@property NSWindowStyleMask styleMask;
@property NSWindowCollectionBehavior collectionBehavior;
@property NSWindowSharingType sharingType;
@property(getter=isOpaque) BOOL opaque;
@property BOOL hasShadow, hidesOnDeactivate, releasedWhenClosed, movableByWindowBackground, titlebarAppearsTransparent;
@property(readonly, getter=isKeyWindow) BOOL keyWindow;
@property(readonly, getter=isMainWindow) BOOL mainWindow;
@property(readonly, getter=isVisible) BOOL visible;
@property(readonly) BOOL canBecomeKeyWindow, canBecomeMainWindow;
@property(readonly, assign) NSResponder *firstResponder;
@property(readonly) NSInteger windowNumber;
@property(readonly, retain) NSScreen *screen;
@property(copy) NSColor *backgroundColor;
- (instancetype)initWithContentRect:(NSRect)r styleMask:(NSWindowStyleMask)s backing:(NSBackingStoreType)b defer:(BOOL)d;
- (void)sendEvent:(NSEvent *)e;
- (BOOL)performKeyEquivalent:(NSEvent *)e;
- (BOOL)makeFirstResponder:(NSResponder *)r;
- (void)makeKeyAndOrderFront:(id)sender;
- (void)makeKeyWindow;
- (void)orderFront:(id)sender;
- (void)orderFrontRegardless;
- (void)orderOut:(id)sender;
- (void)close;
- (void)center;
- (void)setFrame:(NSRect)r display:(BOOL)d;
- (void)setFrameOrigin:(NSPoint)p;
- (void)setContentSize:(NSSize)s;
- (void)resignKeyWindow;
- (void)registerForDraggedTypes:(NSArray *)t;
@end
@interface NSPanel : NSWindow
@property(getter=isFloatingPanel) BOOL floatingPanel;
@property BOOL becomesKeyOnlyIfNeeded, worksWhenModal;
@end
@interface NSSavePanel : NSPanel
@property(readonly, copy) NSURL *URL;
- (NSModalResponse)runModal;
- (void)beginWithCompletionHandler:(void (^)(NSModalResponse))b;
- (void)beginSheetModalForWindow:(NSWindow *)w completionHandler:(void (^)(NSModalResponse))b;
@end
@interface NSOpenPanel : NSSavePanel
@property BOOL canChooseFiles, canChooseDirectories, allowsMultipleSelection, showsHiddenFiles;
@property(readonly, copy) NSArray<NSURL *> *URLs;
+ (NSOpenPanel *)openPanel;
@end
@interface NSScreen : NSObject
@property(class, readonly, copy) NSArray<NSScreen *> *screens;
@property(class, readonly, strong) NSScreen *mainScreen;
@property(readonly) NSRect frame, visibleFrame;
@end
@interface NSRunningApplication : NSObject
@property(class, readonly, strong) NSRunningApplication *currentApplication;
@property(readonly) int processIdentifier;
@property(readonly, copy) NSString *bundleIdentifier, *localizedName;
@property(readonly, getter=isTerminated) BOOL terminated;
- (BOOL)activateWithOptions:(NSUInteger)o;
@end
@interface NSWorkspace : NSObject
@property(class, readonly, strong) NSWorkspace *sharedWorkspace;
@property(readonly, strong) NSNotificationCenter *notificationCenter;
@property(readonly, strong) NSRunningApplication *frontmostApplication;
@property(readonly) BOOL accessibilityDisplayShouldReduceMotion, accessibilityDisplayShouldReduceTransparency, accessibilityDisplayShouldIncreaseContrast;
@property(readonly, getter=isVoiceOverEnabled) BOOL voiceOverEnabled;
- (BOOL)openURL:(NSURL *)u;
@end
@interface NSApplication : NSResponder
@property(readonly, assign) NSWindow *modalWindow;
@property(class, readonly, strong) NSApplication *sharedApplication;
@property(assign) id<NSApplicationDelegate> delegate;
@property(retain) NSMenu *mainMenu, *windowsMenu;
@property(readonly, copy) NSArray<NSWindow *> *windows;
@property(readonly, assign) NSWindow *keyWindow, *mainWindow;
@property(readonly, getter=isActive) BOOL active;
@property(readonly, getter=isRunning) BOOL running;
@property(readonly, retain) NSEvent *currentEvent;
@property(retain) NSAppearance *appearance;
@property(readonly, retain) NSAppearance *effectiveAppearance;
- (BOOL)setActivationPolicy:(NSApplicationActivationPolicy)p;
- (void)activateIgnoringOtherApps:(BOOL)f;
- (void)activate API_AVAILABLE(macos(14.0));
- (void)deactivate;
- (void)hide:(id)sender;
- (void)finishLaunching;
- (void)run;
- (void)stop:(id)sender;
- (void)terminate:(id)sender;
- (void)replyToApplicationShouldTerminate:(BOOL)y;
- (void)postEvent:(NSEvent *)e atStart:(BOOL)f;
- (void)sendEvent:(NSEvent *)e;
- (NSModalResponse)runModalForWindow:(NSWindow *)w;
- (void)orderFrontStandardAboutPanel:(id)sender;
- (BOOL)sendAction:(SEL)a to:(id)t from:(id)f;
- (NSEvent *)nextEventMatchingMask:(NSEventMask)m untilDate:(NSDate *)d inMode:(NSRunLoopMode)mode dequeue:(BOOL)f;
@end
@interface NSColor : NSObject <NSCopying>
@property(class, readonly, strong) NSColor *clearColor, *labelColor, *secondaryLabelColor, *tertiaryLabelColor, *controlAccentColor,
	*windowBackgroundColor, *controlBackgroundColor, *separatorColor, *systemRedColor, *systemOrangeColor, *systemGreenColor,
	*selectedContentBackgroundColor, *whiteColor, *blackColor;
+ (NSColor *)colorWithSRGBRed:(CGFloat)r green:(CGFloat)g blue:(CGFloat)b alpha:(CGFloat)a;
+ (NSColor *)colorWithName:(NSString *)n dynamicProvider:(NSColor * (^)(NSAppearance *))b;
- (NSColor *)colorWithAlphaComponent:(CGFloat)a;
- (void)set;
- (void)setFill;
- (void)setStroke;
@end
@interface NSFont : NSObject <NSCopying>
+ (NSFont *)systemFontOfSize:(CGFloat)s;
+ (NSFont *)systemFontOfSize:(CGFloat)s weight:(CGFloat)w;
+ (NSFont *)boldSystemFontOfSize:(CGFloat)s;
+ (NSFont *)monospacedSystemFontOfSize:(CGFloat)s weight:(CGFloat)w;
+ (NSFont *)monospacedDigitSystemFontOfSize:(CGFloat)s weight:(CGFloat)w;
+ (NSFont *)fontWithName:(NSString *)n size:(CGFloat)s;
@end
@interface NSImage : NSObject <NSCopying>
@property NSSize size;
@property(getter=isTemplate) BOOL template;
+ (NSImage *)imageNamed:(NSString *)n;
+ (instancetype)imageWithSystemSymbolName:(NSString *)n accessibilityDescription:(NSString *)d;
+ (NSImage *)imageWithSize:(NSSize)s flipped:(BOOL)f drawingHandler:(BOOL (^)(NSRect))b;
- (instancetype)initWithData:(NSData *)d;
- (void)drawInRect:(NSRect)r;
@end
@interface NSBezierPath : NSObject <NSCopying>
@property CGFloat lineWidth;
+ (NSBezierPath *)bezierPath;
+ (NSBezierPath *)bezierPathWithRect:(NSRect)r;
+ (NSBezierPath *)bezierPathWithOvalInRect:(NSRect)r;
+ (NSBezierPath *)bezierPathWithRoundedRect:(NSRect)r xRadius:(CGFloat)x yRadius:(CGFloat)y;
- (void)moveToPoint:(NSPoint)p;
- (void)lineToPoint:(NSPoint)p;
- (void)closePath;
- (void)fill;
- (void)stroke;
- (void)addClip;
@end
@interface NSTrackingArea : NSObject
- (instancetype)initWithRect:(NSRect)r options:(NSTrackingAreaOptions)o owner:(id)w userInfo:(NSDictionary *)u;
@end
@interface NSControl : NSView
@property(assign) id target;
@property SEL action;
@property(copy) NSString *stringValue;
@property(copy) NSAttributedString *attributedStringValue;
@property(retain) NSFont *font;
@property(getter=isEnabled) BOOL enabled;
@property NSInteger tag, integerValue;
@end
@interface NSTextField : NSControl
@property(assign) id<NSTextFieldDelegate> delegate;
@property(copy) NSString *placeholderString;
@property(copy) NSColor *textColor, *backgroundColor;
@property BOOL drawsBackground;
@property(getter=isBezeled) BOOL bezeled;
@property(getter=isBordered) BOOL bordered;
@property(getter=isEditable) BOOL editable;
@property(getter=isSelectable) BOOL selectable;
- (void)selectText:(id)sender;
@end
@interface NSSecureTextField : NSTextField @end
@interface NSSearchField : NSTextField @end
enum { NSTextAlignmentLeft = 0, NSTextAlignmentRight = 2, NSTextAlignmentCenter = 1 }; // arm64; Intel has them the other way round
@interface NSTextView : NSView <NSTextInputClient>
@property(getter=isAutomaticQuoteSubstitutionEnabled) BOOL automaticQuoteSubstitutionEnabled;
@property(getter=isAutomaticDashSubstitutionEnabled) BOOL automaticDashSubstitutionEnabled;
@property(getter=isAutomaticTextReplacementEnabled) BOOL automaticTextReplacementEnabled;
@property(getter=isAutomaticSpellingCorrectionEnabled) BOOL automaticSpellingCorrectionEnabled;
@property(getter=isContinuousSpellCheckingEnabled) BOOL continuousSpellCheckingEnabled;
@property(copy) NSString *string;
@end
@interface NSButton : NSControl
@property(copy) NSString *title, *keyEquivalent;
@property NSControlStateValue state;
@property NSBezelStyle bezelStyle;
@property(retain) NSImage *image;
- (void)setButtonType:(NSButtonType)t;
- (void)performClick:(id)sender;
@end
@interface NSPopUpButton : NSButton
@property(readonly) NSInteger indexOfSelectedItem;
- (void)addItemWithTitle:(NSString *)t;
- (void)selectItemAtIndex:(NSInteger)i;
@end
@interface NSTableColumn : NSObject
@property CGFloat width;
- (instancetype)initWithIdentifier:(NSUserInterfaceItemIdentifier)i;
@end
@interface NSTableView : NSControl
@property(assign) id<NSTableViewDataSource> dataSource;
@property(assign) id<NSTableViewDelegate> delegate;
@property SEL doubleAction;
@property CGFloat rowHeight;
@property(readonly) NSInteger selectedRow, clickedRow, numberOfRows;
- (void)addTableColumn:(NSTableColumn *)c;
- (void)reloadData;
- (void)noteHeightOfRowsWithIndexesChanged:(NSIndexSet *)i;
- (void)selectRowIndexes:(NSIndexSet *)i byExtendingSelection:(BOOL)e;
- (void)scrollRowToVisible:(NSInteger)r;
@end
@interface NSScrollView : NSView
@property(retain) id documentView;
@property BOOL hasVerticalScroller, drawsBackground;
@end
@interface NSVisualEffectView : NSView
@property NSVisualEffectMaterial material;
@property NSVisualEffectBlendingMode blendingMode;
@property NSVisualEffectState state;
@end
@interface NSMenuItem : NSObject <NSCopying>
@property(assign) id target;
@property SEL action;
@property(copy) NSString *title, *keyEquivalent;
@property NSEventModifierFlags keyEquivalentModifierMask;
@property(getter=isEnabled) BOOL enabled;
@property(retain) NSMenu *submenu;
@property NSInteger tag;
+ (NSMenuItem *)separatorItem;
- (instancetype)initWithTitle:(NSString *)t action:(SEL)a keyEquivalent:(NSString *)k;
@end
@interface NSMenu : NSObject <NSCopying>
@property(assign) id<NSMenuDelegate> delegate;
@property BOOL autoenablesItems;
@property(readonly) NSInteger numberOfItems;
@property(copy) NSArray<NSMenuItem *> *itemArray;
- (instancetype)initWithTitle:(NSString *)t;
- (void)addItem:(NSMenuItem *)i;
- (NSMenuItem *)addItemWithTitle:(NSString *)t action:(SEL)a keyEquivalent:(NSString *)k;
- (void)removeAllItems;
@end
@interface NSStatusBarButton : NSButton @end
@interface NSStatusItem : NSObject
@property(retain) NSMenu *menu;
@property(readonly, retain) NSStatusBarButton *button;
@property CGFloat length;
@end
@interface NSStatusBar : NSObject
@property(class, readonly, strong) NSStatusBar *systemStatusBar;
- (NSStatusItem *)statusItemWithLength:(CGFloat)l;
- (void)removeStatusItem:(NSStatusItem *)i;
@end
@interface NSPasteboard : NSObject
@property(class, readonly, strong) NSPasteboard *generalPasteboard;
@property(readonly) NSInteger changeCount;
@property(readonly, copy) NSArray<NSPasteboardType> *types;
+ (NSPasteboard *)pasteboardWithName:(NSString *)n;
+ (NSPasteboard *)pasteboardWithUniqueName;
- (NSInteger)clearContents;
- (NSInteger)prepareForNewContentsWithOptions:(NSPasteboardContentsOptions)o;
- (NSInteger)declareTypes:(NSArray *)t owner:(id)o;
- (NSString *)stringForType:(NSPasteboardType)t;
- (BOOL)setString:(NSString *)s forType:(NSPasteboardType)t;
- (NSData *)dataForType:(NSPasteboardType)t;
- (BOOL)setData:(NSData *)d forType:(NSPasteboardType)t;
- (id)propertyListForType:(NSPasteboardType)t;
- (BOOL)setPropertyList:(id)p forType:(NSPasteboardType)t;
- (NSArray *)readObjectsForClasses:(NSArray *)c options:(NSDictionary *)o;
- (BOOL)writeObjects:(NSArray *)o;
@end
