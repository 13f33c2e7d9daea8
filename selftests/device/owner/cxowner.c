// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stand-in for the driver that owns a card in use. It enables the device, claims its regions, and
 * resets the chip as mlx4_core does (kernel-driver 6.1). Bound through driver_override only.
 *
 *	reset_chip	write: reset the chip; EAGAIN if the semaphore is not free in time
 *	waited_ms	read: how long the last reset waited for the semaphore
 *	lock_config	write 1 or 0: lock configuration space, as a PCI reset does, or unlock it
 *	usage		read: how many keep the device awake
 *
 * Parameters: reset_at_probe, as mlx4_core does; interface: the card has a network interface,
 * which drops what it is given; patience_ms and link_error, below.
 *
 * Where mlx4_core differs, which the tests under selftests/vm/guest/test_mlx4*.sh drive: it has no
 * reset_prepare and reset_done, so after a PCI reset it goes on with a card that has forgotten it,
 * until a command has timed out after a minute; it resets the chip by itself when the firmware
 * reports an error, which it looks for every 5 s; it talks to the card all the time, and has
 * interrupts and DMA; it always resets at its probe, and never when it leaves; its interfaces and
 * its RDMA device are drivers of their own, which may be missing; and if it does not get the
 * semaphore within 10 s of such an error, it is a BUG that hangs the machine.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pci.h>

#define CR_RESET     0xf0010
#define CR_SEMAPHORE 0xf03fc
#define WINDOW_FIRST 22 /* dword 0x58, not restored after a reset */
#define WINDOW_LAST  23

static bool reset_at_probe;
module_param(reset_at_probe, bool, 0644);
/* How long it waits for the semaphore; mlx4_core waits 10 s. */
static uint patience_ms = 100000;
module_param(patience_ms, uint, 0644);
static bool interface;
module_param(interface, bool, 0644);

struct owner {
	void __iomem *cr;
	struct net_device *net;
	s64 waited_ms;
};

static int chip_reset(struct pci_dev *pdev, struct owner *o)
{
	ktime_t begun = ktime_get();
	u32 config[16], i;

	for (i = 0; i < ARRAY_SIZE(config); i++)
		pci_read_config_dword(pdev, 4 * i, &config[i]);
	while (ioread32be(o->cr + CR_SEMAPHORE)) {
		o->waited_ms = ktime_ms_delta(ktime_get(), begun);
		if (o->waited_ms > patience_ms)
			return -EAGAIN;
		msleep(1);
	}
	o->waited_ms = ktime_ms_delta(ktime_get(), begun);
	iowrite32be(1, o->cr + CR_RESET);
	msleep(1000);
	for (i = 0; i < ARRAY_SIZE(config); i++)
		pci_write_config_dword(pdev, 4 * i, config[i]);
	return 0;
}

static ssize_t reset_chip_store(struct device *dev, struct device_attribute *attr, const char *buf,
				size_t count)
{
	struct owner *o = dev_get_drvdata(dev);
	int err = o->cr ? chip_reset(to_pci_dev(dev), o) : -ENODEV;

	return err ? err : count;
}
static DEVICE_ATTR_WO(reset_chip);

static ssize_t waited_ms_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct owner *o = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%lld\n", o->waited_ms);
}
static DEVICE_ATTR_RO(waited_ms);

static ssize_t lock_config_store(struct device *dev, struct device_attribute *attr, const char *buf,
				 size_t count)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	bool lock;
	int err = kstrtobool(buf, &lock);

	if (err)
		return err;
	if (lock)
		pci_cfg_access_lock(pdev);
	else
		pci_cfg_access_unlock(pdev);
	return count;
}
static DEVICE_ATTR_WO(lock_config);

static ssize_t usage_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&dev->power.usage_count));
}
static DEVICE_ATTR_RO(usage);

static pci_channel_state_t channel_state(const char *word)
{
	if (sysfs_streq(word, "fatal"))
		return pci_channel_io_frozen;
	return sysfs_streq(word, "failure") ? pci_channel_io_perm_failure : pci_channel_io_normal;
}

static int recover(struct pci_dev *pdev, const char *word)
{
	const struct pci_error_handlers *h = pdev->driver ? pdev->driver->err_handler : NULL;
	pci_ers_result_t result;
	int err;

	if (!h || !h->error_detected || !h->slot_reset || !h->resume)
		return -EOPNOTSUPP;
	result = h->error_detected(pdev, channel_state(word));
	if (result == PCI_ERS_RESULT_DISCONNECT)
		return -ENXIO;
	if (result == PCI_ERS_RESULT_NEED_RESET) {
		err = __pci_reset_function_locked(pdev);
		if (err)
			return err;
		result = h->slot_reset(pdev);
		if (result != PCI_ERS_RESULT_RECOVERED)
			return -EIO;
	}
	h->resume(pdev);
	return 0;
}

/*
 * "0000:04:00.0 fatal": an error of the link of a function of any driver, who is told as
 * Documentation/PCI/pci-error-recovery.rst says. fatal resets the function, nonfatal does not,
 * failure is the end.
 */
static int set_link_error(const char *val, const struct kernel_param *kp)
{
	char name[32], word[16];
	struct device *dev;
	int err;

	if (sscanf(val, "%31s %15s", name, word) != 2)
		return -EINVAL;
	dev = bus_find_device_by_name(&pci_bus_type, NULL, name);
	if (!dev)
		return -ENODEV;
	device_lock(dev);
	err = recover(to_pci_dev(dev), word);
	device_unlock(dev);
	put_device(dev);
	return err;
}

static const struct kernel_param_ops link_error_ops = {.set = set_link_error};
module_param_cb(link_error, &link_error_ops, NULL, 0200);

static struct attribute *owner_attrs[] = {
	&dev_attr_usage.attr,
	&dev_attr_reset_chip.attr,
	&dev_attr_waited_ms.attr,
	&dev_attr_lock_config.attr,
	NULL,
};
ATTRIBUTE_GROUPS(owner);

static netdev_tx_t drop(struct sk_buff *skb, struct net_device *net)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops net_ops = {.ndo_start_xmit = drop};

static int add_interface(struct pci_dev *pdev, struct owner *o)
{
	int err;

	o->net = alloc_etherdev(0);
	if (!o->net)
		return -ENOMEM;
	SET_NETDEV_DEV(o->net, &pdev->dev);
	o->net->netdev_ops = &net_ops;
	eth_hw_addr_random(o->net);
	err = register_netdev(o->net);
	if (err) {
		free_netdev(o->net);
		o->net = NULL;
	}
	return err;
}

/* As mlx4_core sets them, so that resets and errors take the way they take with it. */
static pci_ers_result_t error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t slot_reset(struct pci_dev *pdev)
{
	return PCI_ERS_RESULT_RECOVERED;
}

static void quiet(struct pci_dev *pdev)
{
}

static const struct pci_error_handlers owner_errors = {
	.error_detected = error_detected,
	.slot_reset = slot_reset,
	.reset_prepare = quiet,
	.reset_done = quiet,
	.resume = quiet,
};

static void release_regions(void *pdev)
{
	pci_release_regions(pdev);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct owner *o;
	int err;

	o = devm_kzalloc(&pdev->dev, sizeof(*o), GFP_KERNEL);
	if (!o)
		return -ENOMEM;
	err = pcim_enable_device(pdev);
	if (err)
		return err;
	/* Whether a managed device gives them back by itself depends on the kernel. */
	err = pci_request_regions(pdev, KBUILD_MODNAME);
	if (!err)
		err = devm_add_action_or_reset(&pdev->dev, release_regions, pdev);
	if (err)
		return err;
	if (pci_resource_len(pdev, 0)) {
		o->cr = pcim_iomap(pdev, 0, 0);
		if (!o->cr)
			return -ENOMEM;
	}
	pci_set_drvdata(pdev, o);
	if (reset_at_probe && o->cr) {
		err = chip_reset(pdev, o);
		if (err)
			return err;
	}
	return interface ? add_interface(pdev, o) : 0;
}

static void remove(struct pci_dev *pdev)
{
	struct owner *o = pci_get_drvdata(pdev);

	if (!o->net)
		return;
	unregister_netdev(o->net);
	free_netdev(o->net);
}

static struct pci_driver owner_driver = {
	.name = KBUILD_MODNAME,
	.probe = probe,
	.remove = remove,
	.err_handler = &owner_errors,
	.dev_groups = owner_groups,
};
module_pci_driver(owner_driver);

MODULE_DESCRIPTION("Stand-in owner of a card, for the tests of cxflash");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
